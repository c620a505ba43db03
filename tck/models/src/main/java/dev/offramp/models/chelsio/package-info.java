/**
 * A model of Chelsio's T5 and T6: firmware mailbox, queues, work requests, CPL messages, TCBs and
 * RDMA queues, written from what the public drivers show (cxgb4, iw_cxgb4, ch_ktls) and from the
 * TCB map of FreeBSD's cxgbe. <b>A model, not silicon: nothing here has been compared with a
 * chip.</b> Where public sources are silent, a comment says "model decision".
 *
 * <p>Begin with {@link dev.offramp.models.chelsio.ChelsioModel}.
 */
@NullMarked
package dev.offramp.models.chelsio;

import org.jspecify.annotations.NullMarked;

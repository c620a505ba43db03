/** The adapter below the connections: registers, mailbox, queues and the resources of RDMA. */
@NullMarked
package dev.offramp.provider.chelsio.adapter;

import org.jspecify.annotations.NullMarked;

/** How a connection changes its owner: {@link dev.offramp.api.transfer.StateTransfer}. */
@NullMarked
package dev.offramp.api.transfer;

import org.jspecify.annotations.NullMarked;

/**
 * Moving a connection between two owners: {@link dev.offramp.runtime.transfer.TransferCoordinator}.
 */
@NullMarked
package dev.offramp.runtime.transfer;

import org.jspecify.annotations.NullMarked;

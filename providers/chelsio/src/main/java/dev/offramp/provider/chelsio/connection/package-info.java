/**
 * Connections at a T5 or T6: how they arrive, carry RDMA, end and leave. {@link
 * dev.offramp.provider.chelsio.connection.TakeOver} has the order of commands.
 */
@NullMarked
package dev.offramp.provider.chelsio.connection;

import org.jspecify.annotations.NullMarked;

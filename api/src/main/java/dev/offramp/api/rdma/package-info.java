/** RDMA operations on a connection: {@link dev.offramp.api.rdma.RdmaConnection}. */
@NullMarked
package dev.offramp.api.rdma;

import org.jspecify.annotations.NullMarked;

package dev.offramp.runtime.move;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;

/**
 * Where a connection is.
 *
 * @param owner the RNIC
 * @param connection what that calls it
 * @param before what it did at its former owners
 */
record Place(OpenRnic owner, RdmaConnection connection, RdmaCounters before) {
  RdmaCounters counters() {
    return before.plus(connection.counters());
  }
}

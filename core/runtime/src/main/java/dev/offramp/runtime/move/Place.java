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
  private static final System.Logger LOG = System.getLogger("dev.offramp.connection");

  RdmaCounters counters() {
    return before.plus(connection.counters());
  }

  /**
   * What it has done when it has left. A driver's defect must cost numbers and not the connection,
   * which runs at its new owner already.
   */
  RdmaCounters finalCounters() {
    try {
      return counters();
    } catch (RuntimeException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "RNIC [%s] does not tell the counters of a connection that has left it; they begin anew"
              .formatted(owner.name()),
          e);
      return before;
    }
  }
}

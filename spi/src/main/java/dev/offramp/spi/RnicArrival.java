package dev.offramp.spi;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Arrival;
import org.apiguardian.api.API;

/** A connection that is ready at an RNIC, and silent. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface RnicArrival extends Arrival<RdmaConnection> {
  /**
   * The connection that {@link #activate} will return. Before that, memory can be registered and
   * work posted on it; nothing is sent or received.
   */
  RdmaConnection prepared();
}

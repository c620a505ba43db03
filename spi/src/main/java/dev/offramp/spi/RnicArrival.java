package dev.offramp.spi;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Arrival;
import java.util.Map;
import org.apiguardian.api.API;

/** A connection that is ready at an RNIC, and silent. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface RnicArrival extends Arrival<RdmaConnection> {
  /**
   * The connection that {@link #activate} will return. Before that, memory can be registered and
   * work posted on it; nothing is sent or received.
   */
  RdmaConnection prepared();

  /**
   * The regions of the descriptor as they are here, by STag: {@code prepared} has registered them.
   * Empty when it had none.
   */
  default Map<Integer, MemoryRegion> regions() {
    return Map.of();
  }
}

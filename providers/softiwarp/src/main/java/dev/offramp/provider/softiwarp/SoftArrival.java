package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.port.PreparedStream;
import java.util.Map;

/** A connection that waits for its stream to be let go. */
final class SoftArrival implements RnicArrival {
  private final PreparedStream stream;
  private final SoftConnection connection;
  private final Map<Integer, MemoryRegion> regions;
  private boolean over;

  SoftArrival(
      PreparedStream stream, SoftConnection connection, Map<Integer, MemoryRegion> regions) {
    this.stream = stream;
    this.connection = connection;
    this.regions = Map.copyOf(regions);
  }

  @Override
  public Map<Integer, MemoryRegion> regions() {
    return regions;
  }

  @Override
  public RdmaConnection prepared() {
    return connection;
  }

  @Override
  public RdmaConnection activate() {
    if (over) {
      throw new IllegalStateException("already activated or abandoned");
    }
    over = true;
    boolean running = false;
    try {
      connection.start(stream.activate());
      running = true;
    } finally {
      // The old owner has let go: nobody else could end the stream.
      if (!running) {
        letGo();
      }
    }
    return connection;
  }

  @Override
  public void abandon() {
    if (!over) {
      over = true;
      letGo();
    }
  }

  private void letGo() {
    try {
      stream.abandon();
    } finally {
      connection.abort();
      // Memory that was registered meanwhile would have no owner any more.
      connection.close();
    }
  }
}

package dev.offramp.provider.intel;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.spi.RnicArrival;
import java.io.UncheckedIOException;
import java.util.Map;

/** A connection that the device owns and does not run. For one thread at a time. */
final class IntelArrival implements RnicArrival {
  private final IntelConnection connection;
  private final Map<Integer, MemoryRegion> regions;
  private boolean over;

  IntelArrival(IntelConnection connection, Map<Integer, MemoryRegion> regions) {
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

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException when the device does not load the context, in spite of all that it
   *     agreed to before: it is broken. The connection is then nobody's, and no segment was sent.
   */
  @Override
  public RdmaConnection activate() {
    if (over) {
      throw new IllegalStateException("already activated or abandoned");
    }
    over = true;
    try {
      connection.start();
    } catch (CommandException e) {
      throw new UncheckedIOException(e);
    }
    return connection;
  }

  @Override
  public void abandon() {
    if (!over) {
      over = true;
      connection.vanish(new StreamEnd.ClosedLocally());
    }
  }
}

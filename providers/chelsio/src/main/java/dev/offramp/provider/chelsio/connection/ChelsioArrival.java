package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.function.Consumer;

/** A connection that the chip owns, and that is silent. For one thread at a time. */
public final class ChelsioArrival implements RnicArrival {
  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final Map<Integer, MemoryRegion> regions;
  private boolean over;

  private ChelsioArrival(Adapter adapter, ChelsioConnection connection) {
    this.adapter = adapter;
    this.connection = connection;
    this.regions = connection.takeUnpacked();
  }

  /**
   * Has the chip take a connection over that it admits.
   *
   * @param luggage what it brings along
   * @param onNew told of the connection as soon as something of it is on the adapter
   * @param onReleased told when nothing is any more, also after a failure
   * @throws RnicException when the adapter does not do it; all is given back
   * @throws NoRoomException when the adapter has no room for it; likewise
   */
  public static ChelsioArrival prepare(
      Adapter adapter,
      IwarpConnectionDescriptor descriptor,
      ConnectionSettings settings,
      Luggage luggage,
      Consumer<ChelsioConnection> onNew,
      Consumer<ChelsioConnection> onReleased)
      throws RnicException, NoRoomException {
    ConnectionPlan plan = ConnectionPlan.of(descriptor, adapter.parameters());
    return new ChelsioArrival(
        adapter, TakeOver.prepare(adapter, plan, settings, luggage, onNew, onReleased));
  }

  @Override
  public RdmaConnection prepared() {
    return connection;
  }

  @Override
  public Map<Integer, MemoryRegion> regions() {
    return Map.copyOf(regions);
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException when the adapter breaks at this instant
   */
  @Override
  public RdmaConnection activate() {
    if (over) {
      throw new IllegalStateException("already activated or abandoned");
    }
    over = true;
    try {
      connection.start(adapter);
    } catch (RnicException e) {
      throw new UncheckedIOException(e);
    }
    return connection;
  }

  @Override
  public void abandon() {
    if (!over) {
      over = true;
      connection.abandon();
    }
  }
}

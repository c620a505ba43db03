package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Undo;
import dev.offramp.spi.RnicException;
import java.net.Inet6Address;

/**
 * What a connection has of the adapter's tables, besides its queues: places that it may share with
 * others. Taken by one thread, and given back by one later.
 */
final class Holdings {
  private final Adapter adapter;
  private final ConnectionPlan plan;
  private final Undo taken = new Undo();
  private int sourceMac;
  private int nextHop;

  /** Nothing yet. */
  Holdings(Adapter adapter, ConnectionPlan plan) {
    this.adapter = adapter;
    this.plan = plan;
  }

  /** Takes all that the plan needs; what was taken before one was refused is {@link #release}d. */
  void take() throws RnicException, NoRoomException {
    int depth = plan.mpa().ird();
    if (!adapter.resources().takeReads(depth)) {
      throw new NoRoomException(
          "IRD [%d] where the adapter has [%d] left for all connections (MAXIRD_ADAPTER)"
              .formatted(depth, adapter.resources().readsLeft()));
    }
    taken.add(() -> adapter.resources().giveBackReads(depth));
    sourceMac = adapter.takeSourceMac(plan.sourceMac());
    taken.add(() -> adapter.giveBackSourceMac(plan.sourceMac()));
    nextHop = adapter.takeNextHop(plan.nextHopMac(), plan.vlan());
    taken.add(() -> adapter.giveBackNextHop(nextHop));
    if (plan.local().getAddress() instanceof Inet6Address address) {
      adapter.takeLocalAddress(address);
      taken.add(() -> adapter.giveBackLocalAddress(address));
    }
  }

  /** The entry of the table of source addresses. */
  int sourceMac() {
    return sourceMac;
  }

  /** The entry of the next-hop table. */
  int nextHop() {
    return nextHop;
  }

  /** Gives all back, whatever the adapter says to one of them. Idempotent. */
  void release() {
    taken.run(adapter.context().logger());
  }
}

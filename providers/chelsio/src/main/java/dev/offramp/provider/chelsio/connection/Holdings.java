package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.spi.RnicException;
import java.net.Inet6Address;

/**
 * What a connection has of the adapter's tables, besides its queues: places that it may share with
 * others. Under the connection's lock.
 */
final class Holdings {
  private final Adapter adapter;
  private final ConnectionPlan plan;
  private int reads = -1;
  private int sourceMac = -1;
  private int nextHop = -1;
  private boolean localAddress;

  /** Nothing yet. */
  Holdings(Adapter adapter, ConnectionPlan plan) {
    this.adapter = adapter;
    this.plan = plan;
  }

  /** Takes all that the plan needs; what was taken before one was refused is {@link #release}d. */
  void take() throws RnicException, NoRoomException {
    if (!adapter.resources().takeReads(plan.mpa().ird())) {
      throw new NoRoomException(
          "IRD [%d] where the adapter has [%d] left for all connections (MAXIRD_ADAPTER)"
              .formatted(plan.mpa().ird(), adapter.resources().readsLeft()));
    }
    reads = plan.mpa().ird();
    sourceMac = adapter.takeSourceMac(plan.sourceMac());
    nextHop = adapter.takeNextHop(plan.nextHopMac(), plan.vlan());
    if (plan.local().getAddress() instanceof Inet6Address address) {
      adapter.takeLocalAddress(address);
      localAddress = true;
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

  /** Gives all back. Idempotent. */
  void release() {
    if (localAddress && plan.local().getAddress() instanceof Inet6Address address) {
      localAddress = false;
      adapter.giveBackLocalAddress(address);
    }
    if (nextHop >= 0) {
      adapter.giveBackNextHop(nextHop);
      nextHop = -1;
    }
    if (sourceMac >= 0) {
      adapter.giveBackSourceMac(plan.sourceMac());
      sourceMac = -1;
    }
    if (reads >= 0) {
      adapter.resources().giveBackReads(reads);
      reads = -1;
    }
  }
}

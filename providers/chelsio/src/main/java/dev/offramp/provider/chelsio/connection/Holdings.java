package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Undo;
import dev.offramp.spi.RnicException;
import java.net.Inet6Address;

/**
 * What a connection has of the adapter's tables, besides its queues: places that it may share with
 * others. Taken by one thread; changed and given back by any, one after the other.
 */
final class Holdings {
  private final Adapter adapter;
  private final ConnectionPlan plan;
  private final Undo taken = new Undo();
  private int sourceMac;
  private int nextHop;
  private boolean released;

  /** Has the chip use an entry of the next-hop table, and waits until it does. */
  @FunctionalInterface
  interface Use {
    void use(int index) throws RnicException;
  }

  /** Nothing yet. */
  Holdings(Adapter adapter, ConnectionPlan plan) {
    this.adapter = adapter;
    this.plan = plan;
  }

  /** Takes all that the plan needs; what was taken before one was refused is {@link #release}d. */
  synchronized void take() throws RnicException, NoRoomException {
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

  /**
   * Frames go to another address, or with another tag, from now on. Does nothing once all has been
   * given back.
   *
   * @param mac six octets, the first most significant
   * @param vlan tag control information, or the table's number for none
   */
  synchronized void reroute(long mac, int vlan, Use use) throws RnicException, NoRoomException {
    if (released) {
      return;
    }
    int next = adapter.takeNextHop(mac, vlan);
    try {
      use.use(next);
    } catch (RnicException | RuntimeException e) {
      // The chip may use either now.
      taken.add(() -> adapter.giveBackNextHop(next));
      throw e;
    }
    int before = nextHop;
    nextHop = next;
    adapter.giveBackNextHop(before);
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
  synchronized void release() {
    released = true;
    taken.run(adapter.context().logger());
  }
}

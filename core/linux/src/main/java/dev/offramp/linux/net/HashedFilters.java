package dev.offramp.linux.net;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.netlink.Clsact;
import dev.offramp.linux.netlink.NetlinkException;
import dev.offramp.linux.netlink.U32Selector;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * One filter for each connection of one family in one direction of a port, found by hash: a table
 * by the peer's port, and for each of its buckets that is in use a table by the host's port ({@link
 * SteeringRules}). So what it costs to set a filter, and to look for one, does not grow with their
 * number. Tables stay until the qdisc goes. For one thread at a time.
 */
final class HashedFilters {
  /** Behind none but those that pass all; a priority has one protocol. */
  private static final int FIRST_PRIORITY = 1_000;

  /** One by the peer's port, and one for each of its buckets. */
  private static final int TABLES = 1 + Clsact.BUCKETS;

  /** What becomes of the segments. */
  enum Purpose {
    /** Those from the peer go up. */
    STEER(0),
    /** Resets towards the peer are swallowed. */
    GUARD(2);

    private final int number;

    Purpose(int number) {
      this.number = number;
    }
  }

  private final Clsact port;
  private final Purpose purpose;
  private final boolean v6;
  private final int sinkIndex;
  private final Clsact.Group group;
  private final int firstTable;
  private final BitSet tables = new BitSet();
  private final BitSet links = new BitSet();
  private final Map<Integer, BitSet> nodes = new HashMap<>();

  private HashedFilters(Clsact port, Purpose purpose, boolean v6, int sinkIndex) {
    this.port = port;
    this.purpose = purpose;
    this.v6 = v6;
    this.sinkIndex = sinkIndex;
    // Both directions share the numbers of tables, and a dump lists by priority alone.
    int number = purpose.number + (v6 ? 1 : 0);
    this.firstTable = 1 + number * TABLES;
    this.group =
        new Clsact.Group(
            purpose == Purpose.STEER ? Clsact.Direction.INGRESS : Clsact.Direction.EGRESS,
            FIRST_PRIORITY + number,
            v6 ? Clsact.ETH_P_IPV6 : Clsact.ETH_P_IP);
  }

  /**
   * Makes the first table of a port that has a clsact qdisc.
   *
   * @param sinkIndex interface that swallows what a guard sends it
   */
  static HashedFilters create(Clsact port, Purpose purpose, boolean v6, int sinkIndex)
      throws IOException {
    HashedFilters filters = new HashedFilters(port, purpose, v6, sinkIndex);
    port.addTable(filters.group, filters.firstTable);
    port.link(
        filters.group, 0, SteeringRules.segments(v6, purpose == Purpose.STEER), filters.firstTable);
    return filters;
  }

  /**
   * Adds the filter of a connection.
   *
   * @return its handle, for {@link #remove}; never 0
   */
  int add(FourTuple tuple) throws IOException {
    int first = tuple.remote().getPort() & 0xFF;
    int table = tableOf(first);
    int bucket = Clsact.bucket(table, tuple.local().getPort() & 0xFF);
    BitSet taken = nodes.computeIfAbsent(bucket, ignored -> new BitSet());
    int node = taken.nextClearBit(1);
    if (node > Clsact.MAX_NODE) {
      throw new IllegalStateException(
          Clsact.MAX_NODE
              + " connections are steered already whose ports end in the same bytes as those of "
              + tuple);
    }
    taken.set(node);
    int handle = bucket | node;
    try {
      if (purpose == Purpose.STEER) {
        port.accept(group, handle, SteeringRules.fromPeer(tuple));
      } else {
        port.redirect(group, handle, SteeringRules.resetToPeer(tuple), sinkIndex);
      }
      return handle;
    } catch (NetlinkException refused) {
      forget(handle);
      throw refused;
    } catch (IOException unknown) {
      // The kernel may have done it all the same.
      Undo.after(unknown, () -> remove(handle));
      throw unknown;
    }
  }

  /** Removes a filter; that it is gone already is no failure. */
  void remove(int handle) throws IOException {
    try {
      port.remove(group, handle);
    } catch (NetlinkException e) {
      if (!isGone(e)) {
        throw e;
      }
    }
    forget(handle);
  }

  /** Whether a removal failed because there is nothing to remove any more. */
  static boolean isGone(NetlinkException e) {
    return switch (e.errno()) {
      case Errno.ENOENT, Errno.ENODEV -> true;
      // net/sched/cls_api.c, sch_api.c: no qdisc, no filter at all, or no clsact here.
      case Errno.EINVAL ->
          e.explanation().startsWith("Parent Qdisc doesn't exist")
              || e.explanation().startsWith("Cannot find specified filter chain")
              || e.explanation().startsWith("Invalid handle")
              || e.explanation().startsWith("Classful Qdisc required")
              || e.explanation().startsWith("Failed to find qdisc");
      default -> false;
    };
  }

  private void forget(int handle) {
    Integer bucket = handle & ~Clsact.MAX_NODE;
    BitSet taken = nodes.get(bucket);
    if (taken != null) {
      taken.clear(handle & Clsact.MAX_NODE);
      if (taken.isEmpty()) {
        nodes.remove(bucket);
      }
    }
  }

  private int tableOf(int first) throws IOException {
    int table = firstTable + 1 + first;
    if (!tables.get(first)) {
      try {
        port.addTable(group, table);
      } catch (NetlinkException e) {
        // Of an attempt whose answer was lost: the port is this NIC's alone.
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
      tables.set(first);
    }
    if (!links.get(first)) {
      U32Selector next = SteeringRules.byHostsPort(v6, purpose == Purpose.STEER);
      try {
        port.link(group, Clsact.bucket(firstTable, first) | 1, next, table);
      } catch (NetlinkException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
      links.set(first);
    }
    return table;
  }
}

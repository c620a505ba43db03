package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.CplSmtWriteReq;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The table of source addresses (smt.c). The interface's own is there already; others get an entry
 * from the end of the table, where no interface has its own, and the interface is told to take
 * frames for them. Safe for several threads, which take turns.
 */
final class SourceMacs {
  private final Adapter adapter;
  private final long ownMac;
  private final int ownIndex;
  private final long[] written = new long[CplSmtWriteReq.ENTRIES];
  private final Map<Long, Entry> entries = new HashMap<>();

  private static final class Entry {
    private final int index;
    private int users = 1;

    Entry(int index) {
      this.index = index;
    }
  }

  /**
   * A table with the interface's own address.
   *
   * @param ownMac six octets, the first most significant
   */
  SourceMacs(Adapter adapter, long ownMac, int ownIndex) {
    this.adapter = adapter;
    this.ownMac = ownMac;
    this.ownIndex = ownIndex;
  }

  /** The index of an address, which is written when it is new. */
  synchronized int take(long mac) throws RnicException, NoRoomException {
    if (mac == ownMac) {
      return ownIndex;
    }
    Entry known = entries.get(mac);
    if (known != null) {
      known.users++;
      return known.index;
    }
    int index = freeIndex();
    adapter.addMac(mac);
    try {
      write(index, mac);
    } catch (RnicException | RuntimeException e) {
      written[index] = 0;
      adapter.removeMac(mac);
      throw e;
    }
    entries.put(mac, new Entry(index));
    return index;
  }

  private int freeIndex() throws NoRoomException {
    // T5 writes two entries at once, so the interface's own row is left alone.
    for (int index = CplSmtWriteReq.ENTRIES - 1; index >> 1 != ownIndex >> 1; index--) {
      if (written[index] == 0) {
        return index;
      }
    }
    throw new NoRoomException("all entries of the table of source addresses in use");
  }

  private void write(int index, long mac) throws RnicException {
    Reply reply =
        adapter.expect(
            new Replies.Key(Replies.Kind.SOURCE_MAC, index), "CPL_SMT_WRITE_REQ of " + index);
    written[index] = mac;
    MemorySegment wr = Adapter.scratch(CplSmtWriteReq.T6_BYTES);
    CplSmtWriteReq request = new CplSmtWriteReq();
    if (adapter.parameters().chip().isT6()) {
      request.encodeT6(wr, 0, index, mac, adapter.eventQueueId());
    } else {
      request.encodeT5(
          wr, 0, index, written[index & ~1], written[index | 1], adapter.eventQueueId());
    }
    adapter.control(wr);
    adapter.awaitCpl(reply);
  }

  /** Says that one connection less uses an address. */
  synchronized void giveBack(long mac) {
    Entry entry = entries.get(mac);
    if (entry != null && --entry.users == 0) {
      entries.remove(mac);
      written[entry.index] = 0;
      adapter.removeMac(mac);
    }
  }

  synchronized int inUse() {
    return entries.size();
  }
}

package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.CplL2tWriteReq;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * The next-hop table: where frames of a connection go (l2t.c). Connections with the same next hop
 * share an entry. Safe for several threads, which take turns.
 */
final class NextHops {
  private final Adapter adapter;
  private final int first;
  private final int size;
  private final IdPool indices;
  private final Map<Hop, Entry> entries = new HashMap<>();

  private record Hop(long mac, int vlan, int port) {}

  private static final class Entry {
    private final int index;
    private int users = 1;

    Entry(int index) {
      this.index = index;
    }
  }

  NextHops(Adapter adapter, Range l2t) {
    this.adapter = adapter;
    this.first = l2t.start();
    this.size = (int) l2t.size();
    this.indices = IdPool.rotating(0, size);
  }

  /**
   * The entry for a next hop, written when it is new.
   *
   * @return its index from the table's beginning
   */
  synchronized int take(long mac, int vlan, int port) throws RnicException, NoRoomException {
    Hop hop = new Hop(mac, vlan, port);
    Entry known = entries.get(hop);
    if (known != null) {
      known.users++;
      return known.index;
    }
    int index =
        indices
            .take()
            .orElseThrow(() ->
                new NoRoomException(
                    "all [%d] entries of the next-hop table in use".formatted(size)));
    try {
      write(index + first, hop);
    } catch (RnicException | RuntimeException e) {
      indices.giveBack(index);
      throw e;
    }
    entries.put(hop, new Entry(index));
    return index;
  }

  private void write(int index, Hop hop) throws RnicException {
    Reply reply =
        adapter.expect(
            new Replies.Key(Replies.Kind.NEXT_HOP, index), "CPL_L2T_WRITE_REQ of " + index);
    MemorySegment wr = Adapter.scratch(CplL2tWriteReq.SIZE_BYTES);
    new CplL2tWriteReq()
        .encode(wr, 0, index, hop.port, hop.vlan, hop.mac, true, adapter.eventQueueId());
    adapter.control(wr);
    adapter.awaitCpl(reply);
  }

  /** Says that one connection less uses an entry. */
  synchronized void giveBack(int index) {
    entries
        .values()
        .removeIf(entry -> {
          boolean last = entry.index == index && --entry.users == 0;
          if (last) {
            indices.giveBack(index);
          }
          return last;
        });
  }

  int inUse() {
    return indices.inUse();
  }
}

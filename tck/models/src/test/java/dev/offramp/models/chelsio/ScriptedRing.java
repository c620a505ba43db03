package dev.offramp.models.chelsio;

import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A ring that the host writes: work requests in slots of 64 bytes, and doorbells. */
final class ScriptedRing {
  static final int SLOT = 64;

  private final Board board;
  private final DmaSlab slab;
  private final int slots;
  private int id;
  private int next;

  /**
   * An empty ring.
   *
   * @param size slots, the status page's one included
   */
  ScriptedRing(Board board, int size) {
    this.board = board;
    this.slab = board.allocate((long) size * SLOT);
    this.slots = size - 1;
  }

  void setId(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  int size() {
    return slots + 1;
  }

  long address() {
    return slab.deviceAddress();
  }

  DmaSlab slab() {
    return slab;
  }

  /** Writes a work request and rings. */
  void post(Raw wr) {
    post(write(wr.bytes()));
  }

  /** Rings for so many slots. */
  void post(int count) {
    board.write32(2, area() + 8, count);
  }

  /** Writes a work request of one slot, and rings by bringing it along. */
  void postBurst(Raw wr) {
    write(wr.bytes());
    board.write512(area() + 64, wr.bytes());
  }

  /** Writes a work request; how many slots it took. */
  int write(byte[] wr) {
    for (int i = 0; i < wr.length; i++) {
      long at = ((long) next * SLOT + i) % ((long) slots * SLOT);
      slab.segment().set(ValueLayout.JAVA_BYTE, at, wr[i]);
    }
    int count = (wr.length + SLOT - 1) / SLOT;
    next = (next + count) % slots;
    return count;
  }

  /** Where the next work request goes. */
  int next() {
    return next;
  }

  /** The consumer index of the status page. */
  int consumed() {
    MemorySegment page = slab.segment().asSlice((long) slots * SLOT, 8);
    return Raw.on(page.toArray(ValueLayout.JAVA_BYTE)).u16(4);
  }

  /** Its 128 bytes of BAR 2: 16 queues share a page of 4 KiB. */
  long area() {
    return area(id);
  }

  static long area(int id) {
    return (id / 16) * 4096L + (id % 16) * 128L;
  }
}

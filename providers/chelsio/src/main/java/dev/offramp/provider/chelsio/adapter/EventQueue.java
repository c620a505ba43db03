package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.RspCtrl;
import dev.offramp.provider.chelsio.wire.RssHeader;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;

/**
 * The queue in which the adapter answers and tells (sge.c, {@code sge_rspq}, {@code
 * process_responses}). An entry belongs to the reader when its generation bit is that of this turn
 * of the ring; the ring's last entry is a status page. For one thread, or lock, at a time.
 */
final class EventQueue {
  /** Of 64 bytes, the status page included. */
  static final int ENTRIES = 512;

  private static final int MESSAGE_BYTES = RspCtrl.ENTRY_BYTES - 16 - RssHeader.SIZE_BYTES;

  private final DmaSlab slab;
  private final UserDoorbell doorbell;
  private final FreeList freeList;
  private final RspCtrl control = new RspCtrl();
  private final RssHeader header = new RssHeader();
  private int next;
  private boolean generation = true;

  /** Who is told. */
  interface Sink {
    /**
     * A message.
     *
     * @param queue the number in its RSS header
     * @param opcode by its RSS header
     * @param memory holds the message
     * @param at where it begins
     * @param length how long it can be at most
     */
    void message(int queue, int opcode, MemorySegment memory, long at, int length);

    /** A completion queue has an event. */
    void event(int completionQueue);

    /** An entry that is neither. */
    void garbage(String what);
  }

  EventQueue(DmaSlab slab, UserDoorbell doorbell, FreeList freeList) {
    this.slab = slab;
    this.doorbell = doorbell;
    this.freeList = freeList;
  }

  static long sizeBytes() {
    return (long) ENTRIES * RspCtrl.ENTRY_BYTES;
  }

  /** Asks for an interrupt when something comes. */
  void arm() {
    doorbell.arm(0, true);
  }

  /** Whether something has come. */
  boolean hasNext() {
    return control.at(slab.segment(), (long) next * RspCtrl.ENTRY_BYTES).isNew(generation);
  }

  /** Hands all that has come to {@code sink}, and asks for an interrupt; returns how many. */
  int drain(Sink sink) {
    int count = 0;
    while (hasNext()) {
      take(sink);
      count++;
      next++;
      if (next == ENTRIES - 1) {
        next = 0;
        generation = !generation;
      }
    }
    if (count > 0) {
      freeList.refill();
      doorbell.arm(count, true);
    }
    return count;
  }

  private void take(Sink sink) {
    MemorySegment ring = slab.segment();
    long at = (long) next * RspCtrl.ENTRY_BYTES;
    switch (control.type()) {
      case RspCtrl.TYPE_CPL -> {
        header.at(ring, at);
        sink.message(header.qid(), header.opcode(), ring, at + RssHeader.SIZE_BYTES, MESSAGE_BYTES);
      }
      case RspCtrl.TYPE_FREE_LIST -> {
        header.at(ring, at);
        int length = control.length();
        MemorySegment buffer = freeList.take(length, control.isNewBuffer());
        if (buffer == null) {
          sink.garbage("a message of [%d] bytes, more than the free list holds".formatted(length));
        } else {
          sink.message(
              header.qid(), header.opcode(), buffer, 0, (int) Math.min(length, buffer.byteSize()));
        }
      }
      case RspCtrl.TYPE_EVENT -> sink.event(control.queueId());
      default -> sink.garbage("an entry of type [3], expected 0..2");
    }
  }
}

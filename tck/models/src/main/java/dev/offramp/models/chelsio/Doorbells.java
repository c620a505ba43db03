package dev.offramp.models.chelsio;

import dev.offramp.models.Faults;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/**
 * Doorbells of BAR 2 (t4_values.h, SGE_UDB_*; t4_hw.c, t4_bar2_sge_qregs). An area of 128 bytes is
 * a queue's: doorbells at 8x, Going To Sleep at 8x+4, and 64 bytes for a write-combined slot from
 * 64 on. Queues that share a page have areas one after the other; where they do not all fit, the
 * queue is named in the value. For the model's thread.
 *
 * <pre>
 * doorbell: qid 31:15 | prio 14 | type 13 | pidx 12:0, in units of 64 bytes
 * GTS:      qid 31:16 | timer 15:13 | solicited only 12 | entries given back 11:0
 * </pre>
 */
final class Doorbells {
  static final int AREA_BYTES = 128;
  static final int BURST = 64;

  private static final int EGRESS_SHIFT = 15;
  private static final int INGRESS_SHIFT = 16;
  private static final int FREE_LIST = 1 << 13;

  private final Silicon silicon;

  /** Halves of bursts that come as eight writes of eight bytes, by the area's place. */
  private final Map<Long, byte[]> bursts = new HashMap<>();

  Doorbells(Silicon silicon) {
    this.silicon = silicon;
  }

  void written(RegisterWrites.Kind kind, long offset, long value, byte[] burst) {
    switch (kind) {
      case DOORBELL -> write(offset, (int) value);
      case DOORBELL_HALF -> write(offset, value);
      case BURST -> burst(offset, burst);
      case LEGACY_DOORBELL -> legacyDoorbell((int) value);
      case LEGACY_GTS -> legacyGoToSleep((int) value);
    }
  }

  /** A write of 4 bytes to BAR 2. */
  void write(long offset, int value) {
    int in = (int) (offset & AREA_BYTES - 1);
    if (in >= BURST) {
      bad("4 bytes at [%#x] of BAR 2".formatted(offset), "8 or 64 bytes in this half of an area");
    } else if ((in & 4) == 0) {
      doorbell(queue(offset, value >>> EGRESS_SHIFT, true), value);
    } else {
      goToSleep(queue(offset, value >>> INGRESS_SHIFT, false), value);
    }
  }

  /** A write of 8 bytes to BAR 2: one eighth of a burst. */
  void write(long offset, long value) {
    int in = (int) (offset & AREA_BYTES - 1);
    if (in < BURST) {
      bad("8 bytes at [%#x] of BAR 2".formatted(offset), "4 bytes for a doorbell");
      return;
    }
    byte[] burst = bursts.computeIfAbsent(offset - in, area -> new byte[BURST]);
    MemorySegment.ofArray(burst)
        .set(
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(java.nio.ByteOrder.LITTLE_ENDIAN),
            in - BURST,
            value);
    if (in == AREA_BYTES - Long.BYTES) {
      bursts.remove(offset - in);
      burst(offset - in + BURST, burst);
    }
  }

  /** A write of 64 bytes to BAR 2. */
  void burst(long offset, byte[] slot) {
    if (isLost()) {
      return;
    }
    if ((offset & AREA_BYTES - 1) != BURST) {
      bad("64 bytes at [%#x] of BAR 2".formatted(offset), "the second half of an area");
      return;
    }
    int id = queue(offset, 0, true);
    EgressQueue queue = silicon.queues.egress(id);
    if (queue == null) {
      missing("write-combined doorbell", id);
    } else {
      queue.post(slot);
    }
  }

  /** The doorbell register of BAR 0: the queue stands in the value. */
  void legacyDoorbell(int value) {
    doorbell(value >>> EGRESS_SHIFT, value);
  }

  /** The GTS register of BAR 0. */
  void legacyGoToSleep(int value) {
    goToSleep(value >>> INGRESS_SHIFT, value);
  }

  /** The page's first queue, the area within the page, and what the value adds; -1 for none. */
  private int queue(long offset, int named, boolean egress) {
    int pageShift = silicon.registers.pageShift();
    int perPageShift = silicon.registers.queuesPerPageShift(egress);
    long page = offset >>> pageShift;
    int area = (int) (offset & (1L << pageShift) - 1) / AREA_BYTES;
    int in = area + named;
    if (in >= 1 << perPageShift || (area != 0 && named != 0)) {
      return -1;
    }
    return (int) (page << perPageShift) + in;
  }

  private void doorbell(int id, int value) {
    if (isLost()) {
      return;
    }
    int units = value & 0x1FFF;
    FreeList list = silicon.queues.freeList(id);
    EgressQueue queue = silicon.queues.egress(id);
    if (list != null) {
      // Bit 13 says so on T5; T6 tells by the queue (sge.c, ring_fl_db: sge_fl_db is 0 there).
      if (silicon.chip == ChelsioChip.T5 && (value & FREE_LIST) == 0) {
        bad("doorbell [%08x] of free list %d".formatted(value, id), "bit 13 set");
      }
      list.add(units);
    } else if (queue != null) {
      queue.post(units);
    } else {
      missing("doorbell [%08x]".formatted(value), id);
    }
  }

  private void goToSleep(int id, int value) {
    IngressQueue queue = silicon.queues.ingress(id);
    if (queue == null) {
      missing("GTS [%08x]".formatted(value), id);
    } else {
      queue.goToSleep(value & 0xFFF, Be.bits(value, 13, 3), Be.bit(value, 12));
    }
  }

  private boolean isLost() {
    return silicon.faults.at(ChelsioFaults.DOORBELL_LOST) != Faults.NO_FAULT;
  }

  private void missing(String seen, int id) {
    silicon.violations.add(
        Violation.Kind.DOORBELL_WITHOUT_QUEUE,
        "queue " + id,
        seen,
        "a queue that was made and not taken back");
  }

  private void bad(String seen, String expected) {
    silicon.violations.add(Violation.Kind.BAD_DOORBELL, "doorbells", seen, expected);
  }
}

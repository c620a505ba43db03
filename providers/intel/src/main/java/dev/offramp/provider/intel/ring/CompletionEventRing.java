package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.BitField;
import dev.offramp.provider.intel.layout.Words;
import java.lang.foreign.MemorySegment;

/**
 * A CEQ: which CQs have something new. For one thread at a time. An entry is one word: bit 63
 * valid, 62:0 the CQ's context, shifted right by 1. Source: irdma's ctrl.c, irdma_sc_process_ceq.
 */
public final class CompletionEventRing {
  /** Bytes of an entry. */
  public static final int ENTRY_BYTES = 8;

  /** The device has written nothing new; no CQ has this context, for bit 0 is set. */
  public static final long NOTHING = -1;

  private static final BitField IRDMA_CEQE_VALID = BitField.bit(63);

  private final MemorySegment ring;
  private final int size;
  private int tail;
  private int polarity = 1;

  /** An empty ring; {@code ring} is zeroed. */
  public CompletionEventRing(MemorySegment ring) {
    this.ring = ring;
    this.size = Math.toIntExact(ring.byteSize() / ENTRY_BYTES);
  }

  /** The context of the next CQ, or {@link #NOTHING}. */
  public long poll() {
    long entry = Words.getAcquire(ring, (long) tail * ENTRY_BYTES);
    if (IRDMA_CEQE_VALID.in(entry) != polarity) {
      return NOTHING;
    }
    tail++;
    if (tail == size) {
      tail = 0;
      polarity ^= 1;
    }
    return entry << 1;
  }

  /** Sets what a test needs. */
  void restore(int newPolarity) {
    polarity = newPolarity;
  }
}

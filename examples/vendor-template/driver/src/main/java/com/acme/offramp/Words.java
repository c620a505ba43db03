package com.acme.offramp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Words of memory that the adapter reads and writes too: little-endian, as its registers are. */
final class Words {
  static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private static final VarHandle SHARED = U32.varHandle();

  private Words() {}

  /** Reads a word that says whether the others are valid; those are read after it. */
  static int acquire(MemorySegment memory, long offset) {
    return (int) SHARED.getAcquire(memory, offset);
  }

  /** Writes a word that makes the others valid; those were written before it. */
  static void release(MemorySegment memory, long offset, int value) {
    SHARED.setRelease(memory, offset, value);
  }
}

package com.acme.offramp.model;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Little-endian words of the host's memory. */
final class Words {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Words() {}

  static int u16(MemorySegment memory, long at) {
    return Short.toUnsignedInt(memory.get(U16, at));
  }

  static int u32(MemorySegment memory, long at) {
    return memory.get(U32, at);
  }

  /** As the descriptor has it: unsigned. */
  static long unsigned(MemorySegment memory, long at) {
    return Integer.toUnsignedLong(u32(memory, at));
  }

  static long u64(MemorySegment memory, long at) {
    return memory.get(U64, at);
  }

  static void put16(MemorySegment memory, long at, int value) {
    memory.set(U16, at, (short) value);
  }

  static void put32(MemorySegment memory, long at, int value) {
    memory.set(U32, at, value);
  }

  static void put64(MemorySegment memory, long at, long value) {
    memory.set(U64, at, value);
  }

  /** The last word of several: the host sees the others when it sees this one. */
  static void publish32(MemorySegment memory, long at, int value) {
    U32.varHandle().setRelease(memory, at, value);
  }
}

package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Big-endian words at any place of a segment: what work requests and messages are made of. */
final class Be {
  private static final ValueLayout.OfShort U16 =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt U32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong U64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final long MASK_32 = 0xFFFF_FFFFL;

  private Be() {}

  static int get8(MemorySegment from, long offset) {
    return from.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
  }

  static int get16(MemorySegment from, long offset) {
    return from.get(U16, offset) & 0xFFFF;
  }

  static int get32(MemorySegment from, long offset) {
    return from.get(U32, offset);
  }

  static long getU32(MemorySegment from, long offset) {
    return from.get(U32, offset) & MASK_32;
  }

  static long get64(MemorySegment from, long offset) {
    return from.get(U64, offset);
  }

  static void put8(MemorySegment to, long offset, int value) {
    to.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  static void put16(MemorySegment to, long offset, int value) {
    to.set(U16, offset, (short) value);
  }

  static void put32(MemorySegment to, long offset, long value) {
    to.set(U32, offset, (int) value);
  }

  static void put64(MemorySegment to, long offset, long value) {
    to.set(U64, offset, value);
  }

  /** Bits {@code shift} and up of a word, {@code width} of them. */
  static int bits(int word, int shift, int width) {
    return word >>> shift & (int) ((1L << width) - 1);
  }

  /** Bits {@code shift} and up of a long word, {@code width} of them, at most 32. */
  static int bits(long word, int shift, int width) {
    return (int) (word >>> shift & (1L << width) - 1);
  }

  static boolean bit(int word, int shift) {
    return (word >>> shift & 1) != 0;
  }

  static boolean bit(long word, int shift) {
    return (word >>> shift & 1) != 0;
  }
}

package dev.offramp.interop;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The bytes that siwbulk and the suite verify: SplitMix64 as a function of seed and position, so
 * that each 8-byte word says where it belongs. Words are big-endian.
 */
final class TestPattern {
  /** What the guest's source holds. */
  static final long GUEST_SEED = 1;

  /** What this end's source holds. */
  static final long OWN_SEED = 2;

  private static final ValueLayout.OfLong WORD =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private TestPattern() {}

  /** Word number {@code index}. */
  static long word(long seed, long index) {
    long z = (seed << 40) + (index + 1) * 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Fills a segment whose size is a multiple of 8. */
  static void fill(MemorySegment segment, long seed) {
    for (long i = 0; i < segment.byteSize() / Long.BYTES; i++) {
      segment.set(WORD, i * Long.BYTES, word(seed, i));
    }
  }

  /** Position of the first of {@code bytes} bytes whose word differs; -1 when none does. */
  static long mismatch(MemorySegment segment, long bytes, long seed) {
    for (long i = 0; i < bytes / Long.BYTES; i++) {
      if (segment.get(WORD, i * Long.BYTES) != word(seed, i)) {
        return i * Long.BYTES;
      }
    }
    return -1;
  }
}

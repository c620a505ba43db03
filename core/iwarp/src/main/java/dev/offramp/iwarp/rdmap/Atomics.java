package dev.offramp.iwarp.rdmap;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The atomic operations of RFC 7306, section 5.1, on 64-bit words in this machine's byte order.
 * They are atomic against every other access to the same memory, so also between streams.
 */
final class Atomics {
  private static final VarHandle WORD = ValueLayout.JAVA_LONG.varHandle();
  private static final int BITS = 64;

  private Atomics() {}

  /** Adds and returns what was there; a set bit of {@code mask} stops the carry out of it. */
  static long fetchAdd(MemorySegment memory, long offset, long add, long mask) {
    while (true) {
      long before = (long) WORD.getVolatile(memory, offset);
      long after = mask == 0 ? before + add : maskedSum(before, add, mask);
      if (WORD.compareAndSet(memory, offset, before, after)) {
        return before;
      }
    }
  }

  /** Replaces the bits of {@code swapMask} if those of {@code compareMask} are equal. */
  static long compareSwap(
      MemorySegment memory, long offset, long compare, long compareMask, long swap, long swapMask) {
    while (true) {
      long before = (long) WORD.getVolatile(memory, offset);
      if (((before ^ compare) & compareMask) != 0) {
        return before;
      }
      if (WORD.compareAndSet(memory, offset, before, (before & ~swapMask) | (swap & swapMask))) {
        return before;
      }
    }
  }

  private static long maskedSum(long a, long b, long mask) {
    long sum = 0;
    long carry = 0;
    for (int i = 0; i < BITS; i++) {
      long x = a >> i & 1;
      long y = b >> i & 1;
      sum |= (x ^ y ^ carry) << i;
      carry = (x & y) | (x & carry) | (y & carry);
      carry &= ~(mask >> i);
    }
    return sum;
  }
}

package dev.offramp.iwarp.sim;

import java.lang.foreign.ValueLayout;
import java.math.BigInteger;

/** Arithmetic of the model, done the slow way. */
final class Values {
  static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED;

  private static final BigInteger SPACE = BigInteger.ONE.shiftLeft(64);

  private Values() {}

  /** Whether the last of {@code count} octets from {@code to} is beyond 2^64. */
  static boolean wraps(long to, int count) {
    return unsigned(to).add(BigInteger.valueOf(count - 1L)).compareTo(SPACE) >= 0;
  }

  private static BigInteger unsigned(long value) {
    return value < 0 ? BigInteger.valueOf(value).add(SPACE) : BigInteger.valueOf(value);
  }

  /** FetchAdd: a set bit of the mask ends a field, and no carry leaves a field. */
  static long add(long word, long add, long mask) {
    long sum = 0;
    int low = 0;
    for (int bit = 0; bit < 64; bit++) {
      if ((mask & 1L << bit) != 0 || bit == 63) {
        int width = bit - low + 1;
        BigInteger field = BigInteger.ONE.shiftLeft(width);
        BigInteger a = unsigned(word).shiftRight(low).mod(field);
        BigInteger b = unsigned(add).shiftRight(low).mod(field);
        sum |= a.add(b).mod(field).shiftLeft(low).longValue();
        low = bit + 1;
      }
    }
    return sum;
  }

  /** CmpSwap, bit by bit. */
  static long swap(long word, long compare, long compareMask, long swap, long swapMask) {
    long result = word;
    for (int bit = 0; bit < 64; bit++) {
      long one = 1L << bit;
      if ((compareMask & one) != 0 && (word & one) != (compare & one)) {
        return word;
      }
      if ((swapMask & one) != 0) {
        result = (result & ~one) | (swap & one);
      }
    }
    return result;
  }
}

package dev.offramp.tck.bench;

/** What atomic operations do to a word (RFC 7306, section 5.1), bit by bit and therefore slowly. */
public final class Atomic {
  private Atomic() {}

  /** FetchAdd: a bit set in the mask keeps the carry of that bit from going on. */
  public static long add(long word, long addend, long mask) {
    long sum = 0;
    int carry = 0;
    for (int bit = 0; bit < Long.SIZE; bit++) {
      int total = (int) (word >>> bit & 1) + (int) (addend >>> bit & 1) + carry;
      sum |= (long) (total & 1) << bit;
      carry = (mask >>> bit & 1) != 0 ? 0 : total >> 1;
    }
    return sum;
  }

  /** CmpSwap: only bits of the compare mask are compared, only bits of the swap mask replaced. */
  public static long swap(long word, long swap, long swapMask, long compare, long compareMask) {
    boolean equal = ((word ^ compare) & compareMask) == 0;
    return equal ? (word & ~swapMask) | (swap & swapMask) : word;
  }
}

package dev.offramp.provider.chelsio.wire;

import java.util.Arrays;

/**
 * The sixteen MTUs that the chip knows. A connection names one of them, and that is its maximum
 * segment size. Immutable.
 */
public final class MtuTable {
  /** {@code NMTUS}. */
  public static final int ENTRIES = 16;

  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;
  private static final int TCP_HEADER_BYTES = 20;

  /** The timestamp option's ten bytes, padded (RFC 7323, appendix A). */
  private static final int TIMESTAMP_BYTES = 12;

  /** {@code set_emss}: no effective segment size is smaller. */
  private static final int MIN_EMSS_BYTES = 128;

  private static final int ALIGNMENT_MASK = 7;
  private static final int MASK16 = 0xFFFF;

  private final int[] mtus;

  /**
   * A table as the chip holds it.
   *
   * @param mtus sixteen sizes in bytes, ascending
   */
  public MtuTable(int... mtus) {
    if (mtus.length != ENTRIES) {
      throw new IllegalArgumentException(
          "seen [%d] MTUs, expected %d".formatted(mtus.length, ENTRIES));
    }
    this.mtus = mtus.clone();
  }

  /** An entry. */
  public int mtuBytes(int index) {
    return mtus[index];
  }

  /**
   * The entry for a link's MTU ({@code cxgb_best_mtu}, {@code cxgb4_best_aligned_mtu}): the largest
   * that is not above it, or the one before where only that makes the payload a multiple of eight.
   * Lengths are 16 bits wide there, and wrap.
   */
  public int bestIndex(int mtuBytes, boolean timestamps, boolean ipv6) {
    int headers = headerBytes(ipv6) + (timestamps ? TIMESTAMP_BYTES : 0);
    int limit = mtuBytes & MASK16;
    int aligned = -1;
    int index = 0;
    while (true) {
      if (((mtus[index] - headers) & ALIGNMENT_MASK) == 0) {
        aligned = index;
      }
      if (index + 1 == ENTRIES || mtus[index + 1] > limit) {
        break;
      }
      index++;
    }
    return aligned >= 0 && index - aligned <= 1 ? aligned : index;
  }

  /** The maximum segment size of an entry, options not subtracted. */
  public int mssBytes(int index, boolean ipv6) {
    return (mtus[index] - headerBytes(ipv6)) & MASK16;
  }

  /**
   * The entry with exactly this maximum segment size; -1 when there is none, or when it is below
   * what the vendor's drivers use.
   */
  public int indexOfMss(int mssBytes, boolean ipv6) {
    for (int i = 0; i < ENTRIES && mssBytes >= MIN_EMSS_BYTES; i++) {
      if (mtus[i] - headerBytes(ipv6) == mssBytes) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The entry with the largest maximum segment size that fits a path and what the other end takes;
   * -1 when none does that the vendor's drivers would use.
   */
  public int indexWithin(int mtuBytes, int mostMssBytes, boolean ipv6) {
    int best = -1;
    for (int i = 0; i < ENTRIES; i++) {
      int mss = mtus[i] - headerBytes(ipv6);
      if (mtus[i] <= mtuBytes && mss >= MIN_EMSS_BYTES && mss <= mostMssBytes) {
        best = i;
      }
    }
    return best;
  }

  /** All maximum segment sizes that {@link #indexOfMss} knows, for messages. */
  public String allMss(boolean ipv6) {
    return Arrays.toString(
        Arrays.stream(mtus)
            .map(mtu -> mtu - headerBytes(ipv6))
            .filter(mss -> mss >= MIN_EMSS_BYTES)
            .toArray());
  }

  /** The payload of a full segment ({@code set_emss}). */
  public int emssBytes(int index, boolean timestamps, boolean ipv6) {
    int emss = (mssBytes(index, ipv6) - (timestamps ? TIMESTAMP_BYTES : 0)) & MASK16;
    return Math.max(emss, MIN_EMSS_BYTES);
  }

  private static int headerBytes(boolean ipv6) {
    return (ipv6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES) + TCP_HEADER_BYTES;
  }
}

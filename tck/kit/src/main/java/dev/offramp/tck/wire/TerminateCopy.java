package dev.offramp.tck.wire;

import dev.offramp.api.descriptor.Octets;
import java.util.Arrays;

/**
 * What a Terminate has of the segment that it is about (RFC 5040, section 4.8).
 *
 * @param segmentBytes how long the segment was; -1 when the Terminate does not say
 * @param header its DDP header, and behind it the RDMAP header where there is one
 */
public record TerminateCopy(int segmentBytes, Octets header) {
  private static final int FLAG_M = 0x8000;
  private static final int FLAG_D = 0x4000;
  private static final int CONTROL_BYTES = 4;
  private static final int LENGTH_BYTES = 2;
  private static final int MPA = 2;

  /** Whether there is a copy whose octets can be relied on: below DDP they may be spoilt. */
  public static boolean isThere(Heard terminate) {
    return (terminate.word(0) & FLAG_D) != 0 && terminate.terminateTriple() >> 12 < MPA;
  }

  /** Reads it from a Terminate that has one. */
  public static TerminateCopy of(Heard terminate) {
    byte[] all = terminate.payload().toByteArray();
    boolean hasLength = (terminate.word(0) & FLAG_M) != 0 && all.length >= 6;
    int from = Math.min(all.length, CONTROL_BYTES + (hasLength ? LENGTH_BYTES : 0));
    int length =
        hasLength ? (all[CONTROL_BYTES] & 0xFF) << 8 | (all[CONTROL_BYTES + 1] & 0xFF) : -1;
    return new TerminateCopy(length, Octets.copyOf(Arrays.copyOfRange(all, from, all.length)));
  }

  /** Whether it was copied from this segment. */
  public boolean isOf(byte[] segment) {
    byte[] copied = header.toByteArray();
    return (segmentBytes < 0 || segmentBytes == segment.length)
        && copied.length <= segment.length
        && Arrays.equals(copied, 0, copied.length, segment, 0, copied.length);
  }

  @Override
  public String toString() {
    return "%d octets beginning [%s]".formatted(segmentBytes, header);
  }
}

package dev.offramp.iwarp.mpa;

/**
 * Where markers stand (RFC 5044, section 4.3).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |         reserved (0)          |            FPDUPTR        |0 0|
 * +-------------------------------+-------------------------------+
 * </pre>
 *
 * <p>Positions count octets of one direction since its first FPDU, markers included, in 64 bits:
 * the wrap of TCP's sequence numbers never matters.
 */
final class Marker {
  static final int BYTES = 4;
  static final int SPACING = 512;

  /** What one interval holds besides its marker. */
  static final int CONTENT_BETWEEN = SPACING - BYTES;

  /** FPDUs are multiples of four octets; the two low bits are sent and read as zero. */
  static final int POINTER_MASK = 0xFFFC;

  private static final int POINTER_OFFSET = 2;

  private Marker() {}

  static boolean isDue(long position) {
    return (position & (SPACING - 1)) == 0;
  }

  /** Octets until the next marker: 1..512, never 0, so a marker at {@code position} is passed. */
  static int distance(long position) {
    return SPACING - (int) (position & (SPACING - 1));
  }

  static int pointer(java.nio.ByteBuffer bytes, int offset) {
    return bytes.getShort(offset + POINTER_OFFSET) & POINTER_MASK;
  }
}

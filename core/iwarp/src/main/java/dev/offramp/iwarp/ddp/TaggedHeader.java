package dev.offramp.iwarp.ddp;

import java.nio.ByteBuffer;

/**
 * The header of a tagged DDP segment (RFC 5041, section 4.2).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                 +-+-+-------+---+---------------+
 *                                 |T|L| Rsvd  |DV |   RsvdULP     |
 * +-------------------------------+-+-+-------+---+---------------+
 * |                             STag                              |
 * +---------------------------------------------------------------+
 * |                                                               |
 * +                              TO                               +
 * |                                                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class TaggedHeader {
  public static final int BYTES = 14;

  /** The ULP's octet: RDMAP's control. */
  public static final int ULP_OFFSET = 1;

  public static final int STAG_OFFSET = 2;
  public static final int TAGGED_OFFSET_OFFSET = 6;

  private TaggedHeader() {}

  /** Writes a header at the absolute {@code offset} of a big-endian buffer. */
  public static void put(
      ByteBuffer bytes, int offset, boolean last, int ulp, int stag, long taggedOffset) {
    bytes.putShort(offset, (short) (DdpControl.of(true, last) << Byte.SIZE | (ulp & 0xFF)));
    bytes.putInt(offset + STAG_OFFSET, stag);
    bytes.putLong(offset + TAGGED_OFFSET_OFFSET, taggedOffset);
  }

  public static int stag(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + STAG_OFFSET);
  }

  public static long taggedOffset(ByteBuffer bytes, int offset) {
    return bytes.getLong(offset + TAGGED_OFFSET_OFFSET);
  }
}

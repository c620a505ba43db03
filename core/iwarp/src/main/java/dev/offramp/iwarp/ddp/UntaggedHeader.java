package dev.offramp.iwarp.ddp;

import java.nio.ByteBuffer;

/**
 * The header of an untagged DDP segment (RFC 5041, section 4.3). RDMAP keeps its control in the
 * first ULP octet and the Invalidate STag in the other four.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *                                 +-+-+-------+---+---------------+
 *                                 |T|L| Rsvd  |DV | RsvdULP[0:7]  |
 * +-------------------------------+-+-+-------+---+---------------+
 * |                         RsvdULP[8:39]                         |
 * +---------------------------------------------------------------+
 * |                              QN                               |
 * +---------------------------------------------------------------+
 * |                              MSN                              |
 * +---------------------------------------------------------------+
 * |                              MO                               |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class UntaggedHeader {
  public static final int BYTES = 18;

  /** The ULP's first octet: RDMAP's control. */
  public static final int ULP_OFFSET = 1;

  /** The ULP's other four octets: RDMAP's Invalidate STag. */
  public static final int ULP_WORD_OFFSET = 2;

  public static final int QN_OFFSET = 6;
  public static final int MSN_OFFSET = 10;
  public static final int MO_OFFSET = 14;

  private UntaggedHeader() {}

  /** Writes a header at the absolute {@code offset} of a big-endian buffer. */
  public static void put(
      ByteBuffer bytes, int offset, boolean last, int ulp, int ulpWord, int qn, int msn, int mo) {
    bytes.putShort(offset, (short) (DdpControl.of(false, last) << Byte.SIZE | (ulp & 0xFF)));
    bytes.putInt(offset + ULP_WORD_OFFSET, ulpWord);
    bytes.putLong(offset + QN_OFFSET, (long) qn << Integer.SIZE | (msn & 0xFFFF_FFFFL));
    bytes.putInt(offset + MO_OFFSET, mo);
  }

  public static int ulpWord(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + ULP_WORD_OFFSET);
  }

  public static int queueNumber(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + QN_OFFSET);
  }

  public static int msn(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + MSN_OFFSET);
  }

  /** The message offset, unsigned. */
  public static long messageOffset(ByteBuffer bytes, int offset) {
    return bytes.getInt(offset + MO_OFFSET) & 0xFFFF_FFFFL;
  }
}

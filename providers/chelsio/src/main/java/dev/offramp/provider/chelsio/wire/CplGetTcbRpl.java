package dev.offramp.provider.chelsio.wire;

/**
 * CPL_GET_TCB_RPL: a whole control block, most significant byte first (t4_msg.h {@code
 * cpl_get_tcb_rpl}).
 *
 * <pre>
 *  0  ot   4  cookie   5  status   6  len   8  the 128 bytes: bit b lies in byte 127 - b/8
 * </pre>
 */
public final class CplGetTcbRpl extends CplMessage {
  /** Lies over no message yet. */
  public CplGetTcbRpl() {
    super(Cpl.CPL_GET_TCB_RPL, 136);
  }

  private static final int IMAGE = 8;
  private static final int IMAGE_BYTES = 128;

  public int cookie() {
    return u8(4);
  }

  public int status() {
    return u8(5);
  }

  /** Bytes of the image, as the chip counts them. */
  public int length() {
    return be16(6);
  }

  /** A field of the image, right-aligned. */
  public long field(TcbField field) {
    int low = field.lowBit();
    int width = field.bits().width();
    int lowByte = IMAGE + IMAGE_BYTES - 1 - low / Byte.SIZE;
    long value = 0;
    int have = -(low % Byte.SIZE);
    for (int at = lowByte; have < width; at--) {
      long octet = u8(at);
      value |= have < 0 ? octet >>> -have : octet << have;
      have += Byte.SIZE;
    }
    return value & field.bits().max();
  }
}

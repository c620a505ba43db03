package dev.offramp.iwarp.ddp;

/**
 * The first octet of every DDP segment (RFC 5041, section 4.1).
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * +-+-+-------+---+
 * |T|L| Rsvd  |DV |
 * +-+-+-------+---+
 * </pre>
 */
public final class DdpControl {
  /** The only version there is. */
  public static final int VERSION = 1;

  private static final int TAGGED = 0x80;
  private static final int LAST = 0x40;
  private static final int VERSION_MASK = 0x03;

  private DdpControl() {}

  /** The octet, reserved bits zero. */
  public static byte of(boolean tagged, boolean last) {
    return (byte) ((tagged ? TAGGED : 0) | (last ? LAST : 0) | VERSION);
  }

  public static boolean isTagged(byte control) {
    return (control & TAGGED) != 0;
  }

  public static boolean isLast(byte control) {
    return (control & LAST) != 0;
  }

  public static int version(byte control) {
    return control & VERSION_MASK;
  }
}

package dev.offramp.tck.wire;

import java.util.zip.CRC32;
import java.util.zip.CRC32C;

/** Numbers of MPA's framing (RFC 5044, section 4). */
public final class Framing {
  public static final int MARKER_SPACING = 512;
  public static final int MARKER_BYTES = 4;
  public static final int CRC_BYTES = 4;
  public static final int LENGTH_BYTES = 2;

  /** The most that DDP hands to MPA in one piece, and the least that MPA offers. */
  public static final int MAX_ULPDU_BYTES = 64768;

  public static final int MIN_MULPDU_BYTES = 128;

  private Framing() {}

  /** Octets that bring length field and ULPDU to a multiple of 4. */
  public static int padBytes(int ulpduBytes) {
    return -(LENGTH_BYTES + ulpduBytes) & 3;
  }

  /** Length field, ULPDU, pad and CRC; no markers. */
  public static int fpduBytes(int ulpduBytes) {
    return LENGTH_BYTES + ulpduBytes + padBytes(ulpduBytes) + CRC_BYTES;
  }

  /** The largest ULPDU that fits one TCP segment (section 4.5). */
  public static int mulpdu(int emss, boolean markers) {
    int markerBytes = markers ? MARKER_BYTES * ((emss + MARKER_SPACING - 1) / MARKER_SPACING) : 0;
    int room = emss - (6 + markerBytes + emss % 4);
    return Math.min(MAX_ULPDU_BYTES, Math.max(MIN_MULPDU_BYTES, room));
  }

  /** CRC32c as it stands on the wire, its first octet most significant here (section 4.4). */
  public static int crc(byte[] bytes, int offset, int length) {
    CRC32C sum = new CRC32C();
    sum.update(bytes, offset, length);
    return Integer.reverseBytes((int) sum.getValue());
  }

  /** What a wrong CRC is, where that can be told; empty else. */
  static String nameWrongCrc(byte[] bytes, int offset, int length, int seen) {
    if (seen == Integer.reverseBytes(crc(bytes, offset, length))) {
      return "its octets are in reverse order";
    }
    CRC32 plain = new CRC32();
    plain.update(bytes, offset, length);
    int value = (int) plain.getValue();
    if (seen == value || seen == Integer.reverseBytes(value)) {
      return "it is CRC-32 with polynomial 04c11db7, as Ethernet and an invariant CRC have it";
    }
    return seen == 0 ? "it is zero" : "";
  }
}

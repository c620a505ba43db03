package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The frame of MPA start-up, big-endian, as the vendor's software exchanges it before the device
 * takes a connection: 20 bytes, and 4 more in revision 2.
 *
 * <pre>
 * 0..15 key | 16 flags: 7 markers, 6 CRC, 5 reject, 4 enhanced | 17 revision | 18..19 length that follows
 * 20..21 | 15 peer to peer | 14 Send of nothing | 13:0 IRD     (revision 2)
 * 22..23 | 15 Write of nothing | 14 Read of nothing | 13:0 ORD (revision 2)
 * </pre>
 *
 * Source: RFC 5044, section 7.1; RFC 6581, section 9; irdma's cm.c, irdma_build_mpa_v1 and _v2.
 */
public final class MpaFrameHeader {
  public static final int REVISION_1_BYTES = 20;
  public static final int REVISION_2_BYTES = 24;

  private static final byte[] REQUEST = "MPA ID Req Frame".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] REPLY = "MPA ID Rep Frame".getBytes(StandardCharsets.US_ASCII);

  private static final int FLAGS = 16;
  private static final int REVISION = 17;
  private static final int LENGTH = 18;
  private static final int IRD = 20;
  private static final int ORD = 22;

  private static final int MARKERS = 0x80;
  private static final int CRC = 0x40;
  private static final int ENHANCED = 0x10;
  private static final int RTR_BYTES = 4;

  /** {@code IETF_NO_IRD_ORD}: left to the ULP. */
  public static final int NO_DEPTH = 0x3FFF;

  private static final int PEER_TO_PEER = 0x8000;

  /** {@code IETF_RDMA0_WRITE}, beside the ORD. */
  public static final int WRITE_OF_NOTHING = 0x8000;

  /** {@code IETF_RDMA0_READ}, beside the ORD. */
  public static final int READ_OF_NOTHING = 0x4000;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private MpaFrameHeader() {}

  /**
   * Writes a header.
   *
   * @param revision 1 or 2
   * @param markers whether this end wants markers in what it receives; of account in revision 2
   * @param privateDataBytes private data that follows, without the 4 bytes of revision 2
   * @param ird values above 0x3FFF become that one
   * @param ord likewise
   * @param indications what can, or will, be the ready-to-receive indication: {@link
   *     #WRITE_OF_NOTHING}, {@link #READ_OF_NOTHING}, their sum, or 0
   * @return how many bytes it has
   */
  public static int write(
      MemorySegment memory,
      long offset,
      boolean reply,
      int revision,
      boolean markers,
      int privateDataBytes,
      int ird,
      int ord,
      int indications) {
    boolean enhanced = revision > 1;
    MemorySegment.copy(
        reply ? REPLY : REQUEST, 0, memory, ValueLayout.JAVA_BYTE, offset, REQUEST.length);
    int flags = CRC | (enhanced ? ENHANCED : 0) | (enhanced && markers ? MARKERS : 0);
    memory.set(ValueLayout.JAVA_BYTE, offset + FLAGS, (byte) flags);
    memory.set(ValueLayout.JAVA_BYTE, offset + REVISION, (byte) revision);
    memory.set(SHORT, offset + LENGTH, (short) (privateDataBytes + (enhanced ? RTR_BYTES : 0)));
    if (!enhanced) {
      return REVISION_1_BYTES;
    }
    memory.set(SHORT, offset + IRD, (short) (PEER_TO_PEER | Math.min(ird, NO_DEPTH)));
    memory.set(SHORT, offset + ORD, (short) (indications | Math.min(ord, NO_DEPTH)));
    return REVISION_2_BYTES;
  }
}

package dev.offramp.iwarp.mpa;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.RtrKind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/**
 * An MPA Request or Reply frame (RFC 5044, section 7.1.1; RFC 6581, sections 6 and 9).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                                                               |
 * +          key: "MPA ID Req Frame" or "MPA ID Rep Frame"        +
 * |                          (16 octets)                          |
 * +-+-+-+-+-------+---------------+-------------------------------+
 * |M|C|R|S| Res   |      Rev      |          PD_Length            |
 * +-+-+-+-+-------+---------------+-------------------------------+
 * |A|B|           IRD             |C|D|           ORD             |  if S
 * +-+-+---------------------------+-+-+---------------------------+
 * |                       private data ...                        |
 * </pre>
 *
 * @param reply whether this is a Reply
 * @param markers M: the sender of the frame wants to receive markers
 * @param crc C: the sender wants CRC32c
 * @param rejected R: rejected; meaningful in a Reply only
 * @param enhanced S, with revision 2 or more: the enhanced block is there
 * @param revision Rev
 * @param ird IRD, 0..16383; -1 when not enhanced
 * @param ord ORD, 0..16383; -1 when not enhanced
 * @param peerToPeer control flag A
 * @param rtrKinds control flags B (Send), C (Write), D (Read)
 * @param privateData the private data of the ULP, without the enhanced block
 */
public record MpaFrame(
    boolean reply,
    boolean markers,
    boolean crc,
    boolean rejected,
    boolean enhanced,
    int revision,
    int ird,
    int ord,
    boolean peerToPeer,
    Set<RtrKind> rtrKinds,
    Octets privateData) {
  public static final int KEY_BYTES = 16;

  /** Key, flags, revision and length. */
  public static final int HEADER_BYTES = 20;

  /** PD_Length may not say more. */
  public static final int MAX_PD_LENGTH = 512;

  /** IRD and ORD of the enhanced block take these four bytes of the private data. */
  public static final int ENHANCED_BYTES = 4;

  /** An IRD or ORD with this value leaves the matter to the ULP. */
  public static final int ULP_MANAGED = 0x3FFF;

  /** The revision from which on S has a meaning. */
  public static final int ENHANCED_REVISION = 2;

  static final byte[] REQUEST_KEY = "MPA ID Req Frame".getBytes(StandardCharsets.US_ASCII);
  static final byte[] REPLY_KEY = "MPA ID Rep Frame".getBytes(StandardCharsets.US_ASCII);

  static final int FLAGS_OFFSET = 16;
  static final int REVISION_OFFSET = 17;
  static final int PD_LENGTH_OFFSET = 18;

  private static final int FLAG_M = 0x80;
  private static final int FLAG_C = 0x40;
  private static final int FLAG_R = 0x20;
  private static final int FLAG_S = 0x10;

  private static final int CONTROL_A = 0x8000;
  private static final int CONTROL_B = 0x4000;
  private static final int CONTROL_C = 0x8000;
  private static final int CONTROL_D = 0x4000;

  public MpaFrame {
    rtrKinds = Set.copyOf(rtrKinds);
  }

  /** The frame's length on the wire. */
  public int encodedBytes() {
    return HEADER_BYTES + pdLength();
  }

  /** The frame's bytes, from position 0 to the limit. Reserved bits are zero. */
  public ByteBuffer encode() {
    ByteBuffer bytes = ByteBuffer.allocate(encodedBytes());
    bytes.put(reply ? REPLY_KEY : REQUEST_KEY);
    bytes.put((byte) flags());
    bytes.put((byte) revision);
    bytes.putShort((short) pdLength());
    if (enhanced) {
      bytes.putShort((short) (ird | bit(peerToPeer, CONTROL_A) | bit(RtrKind.SEND, CONTROL_B)));
      bytes.putShort((short) (ord | bit(RtrKind.WRITE, CONTROL_C) | bit(RtrKind.READ, CONTROL_D)));
    }
    bytes.put(privateData.asByteBuffer());
    return bytes.flip();
  }

  /**
   * Decodes a whole frame whose key and length have been checked ({@link MpaFrameReader}).
   *
   * @param bytes the frame, in absolute positions from 0
   */
  static MpaFrame decode(ByteBuffer bytes, boolean reply) {
    int flags = bytes.get(FLAGS_OFFSET) & 0xFF;
    int revision = bytes.get(REVISION_OFFSET) & 0xFF;
    int pdLength = bytes.getShort(PD_LENGTH_OFFSET) & 0xFFFF;
    // In revision 1 the bit is reserved, and reserved bits are not looked at.
    boolean enhanced = (flags & FLAG_S) != 0 && revision >= ENHANCED_REVISION;
    int ird = -1;
    int ord = -1;
    boolean peerToPeer = false;
    Set<RtrKind> kinds = EnumSet.noneOf(RtrKind.class);
    int ulpOffset = HEADER_BYTES;
    if (enhanced) {
      int irdWord = bytes.getShort(HEADER_BYTES) & 0xFFFF;
      int ordWord = bytes.getShort(HEADER_BYTES + 2) & 0xFFFF;
      ird = irdWord & ULP_MANAGED;
      ord = ordWord & ULP_MANAGED;
      peerToPeer = (irdWord & CONTROL_A) != 0;
      // Without A the other flags mean nothing (RFC 6581, section 9.2).
      addIf(kinds, peerToPeer && (irdWord & CONTROL_B) != 0, RtrKind.SEND);
      addIf(kinds, peerToPeer && (ordWord & CONTROL_C) != 0, RtrKind.WRITE);
      addIf(kinds, peerToPeer && (ordWord & CONTROL_D) != 0, RtrKind.READ);
      ulpOffset += ENHANCED_BYTES;
    }
    Octets privateData = Octets.copyOf(bytes.slice(ulpOffset, HEADER_BYTES + pdLength - ulpOffset));
    return new MpaFrame(
        reply,
        (flags & FLAG_M) != 0,
        (flags & FLAG_C) != 0,
        (flags & FLAG_R) != 0,
        enhanced,
        revision,
        ird,
        ord,
        peerToPeer,
        kinds,
        privateData);
  }

  /** Whether the bytes at hand announce an enhanced block that does not fit. */
  static boolean isEnhancedBlockCut(ByteBuffer header) {
    int flags = header.get(FLAGS_OFFSET) & 0xFF;
    int revision = header.get(REVISION_OFFSET) & 0xFF;
    int pdLength = header.getShort(PD_LENGTH_OFFSET) & 0xFFFF;
    return (flags & FLAG_S) != 0 && revision >= ENHANCED_REVISION && pdLength < ENHANCED_BYTES;
  }

  private int pdLength() {
    return privateData.length() + (enhanced ? ENHANCED_BYTES : 0);
  }

  private int flags() {
    return bit(markers, FLAG_M) | bit(crc, FLAG_C) | bit(rejected, FLAG_R) | bit(enhanced, FLAG_S);
  }

  private int bit(RtrKind kind, int value) {
    return bit(rtrKinds.contains(kind), value);
  }

  private static int bit(boolean set, int value) {
    return set ? value : 0;
  }

  private static void addIf(Set<RtrKind> kinds, boolean condition, RtrKind kind) {
    if (condition) {
      kinds.add(kind);
    }
  }
}

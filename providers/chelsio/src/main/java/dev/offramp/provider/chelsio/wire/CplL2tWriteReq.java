package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_L2T_WRITE_REQ: writes an entry of the next-hop table (t4_msg.h {@code cpl_l2t_write_req},
 * l2t.c {@code write_l2e}).
 *
 * <pre>
 *  0  FW_TP_WR header (16 bytes of message, flow id 0)
 * 16  ot       opcode 0x12 | queue 23:14 | sync 12 | index 11:0
 * 20  params   no_reply 15 | port 11:8
 * 22  l2t_idx  24  vlan (0xFFF: none)  26  dst_mac
 * </pre>
 */
public final class CplL2tWriteReq extends TpCommand {
  public static final int SIZE_BYTES = 32;

  /** {@code CPL_L2T_VLAN_NONE}. */
  public static final int VLAN_NONE = 0xFFF;

  private static final int CPL_BYTES = 16;

  private static final Bits TID_QID = new Bits("TID_QID", 14, 10);
  private static final Bits TID_TID = new Bits("TID_TID", 0, 14);
  private static final Bits SYNC_WR = Bits.flag("SYNC_WR", 12);
  private static final Bits NOREPLY = Bits.flag("L2T_W_NOREPLY", 15);
  private static final Bits PORT = new Bits("L2T_W_PORT", 8, 4);
  private static final Bits MAC = new Bits("dst_mac", 0, 48);

  /**
   * Encodes one.
   *
   * @param index of the entry
   * @param vlan the tag, or {@link #VLAN_NONE}
   * @param dstMac six octets, the first most significant
   * @param sync whether a CPL_L2T_WRITE_RPL is wanted
   * @param queue where it goes
   */
  public CplL2tWriteReq encode(
      MemorySegment segment,
      long offset,
      int index,
      int port,
      int vlan,
      long dstMac,
      boolean sync,
      int queue) {
    int tid = TID_QID.int32(queue) | SYNC_WR.int32(sync) | TID_TID.int32(index);
    beginUntied(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_L2T_WRITE_REQ, tid, 0);
    putBe16(20, PORT.int32(port) | NOREPLY.int32(!sync));
    putBe16(22, index);
    putBe16(24, vlan);
    long mac = MAC.of(dstMac);
    putBe16(26, (int) (mac >>> 32));
    putBe32(28, (int) mac);
    return this;
  }

  /** The entry that a CPL_L2T_WRITE_RPL speaks of, from its tid field. */
  public static int indexOf(int tid) {
    return tid & (int) (TID_TID.mask() & ~SYNC_WR.mask());
  }
}

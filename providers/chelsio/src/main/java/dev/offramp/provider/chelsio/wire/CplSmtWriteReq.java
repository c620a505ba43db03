package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_SMT_WRITE_REQ: writes the table of source addresses (t4_msg.h {@code cpl_smt_write_req},
 * {@code cpl_t6_smt_write_req}; smt.c {@code write_smt_entry}). T5 keeps two addresses in a row, so
 * a request there names both.
 *
 * <pre>
 *  0  FW_TP_WR header (T5: 24 bytes of message, T6: 32; flow id 0)
 * 16  ot      opcode 0x14 | queue 23:14 | index 13:0
 * 20  params  no reply 31 | row 27:20 | ovlan index 19:16
 * T5: 24  pfvf1  26  src_mac1  32  pfvf0  34  src_mac0
 * T6: 24  tag    32  pfvf0     34  src_mac0  40  local_ip
 * </pre>
 */
public final class CplSmtWriteReq extends TpCommand {
  public static final int T5_BYTES = 48;
  public static final int T6_BYTES = 48;

  /** {@code SMT_SIZE}: addresses in all. */
  public static final int ENTRIES = 256;

  private static final int T5_CPL_BYTES = 24;
  private static final int T6_CPL_BYTES = 32;

  private static final Bits TID_QID = new Bits("TID_QID", 14, 10);
  private static final Bits TID_TID = new Bits("TID_TID", 0, 14);
  private static final Bits SMTW_IDX = new Bits("SMTW_IDX", 20, 8);

  /** Encodes one for T6. */
  public CplSmtWriteReq encodeT6(
      MemorySegment segment, long offset, int index, long mac, int queue) {
    begin(segment, offset, T6_BYTES, T6_CPL_BYTES, index, index, queue);
    mac(34, mac);
    return this;
  }

  /**
   * Encodes one for T5.
   *
   * @param index of the address that has changed
   * @param even the address of the row's even index
   * @param odd the address of the row's odd index
   */
  public CplSmtWriteReq encodeT5(
      MemorySegment segment, long offset, int index, long even, long odd, int queue) {
    begin(segment, offset, T5_BYTES, T5_CPL_BYTES, index, index >>> 1, queue);
    mac(26, odd);
    mac(34, even);
    return this;
  }

  private void begin(
      MemorySegment segment, long offset, int size, int cplBytes, int index, int row, int queue) {
    int tid = TID_QID.int32(queue) | TID_TID.int32(index);
    beginUntied(segment, offset, size, cplBytes, Cpl.CPL_SMT_WRITE_REQ, tid, 0);
    putBe32(20, SMTW_IDX.int32(row));
  }

  private void mac(long at, long mac) {
    putBe16(at, (int) (mac >>> 32));
    putBe32(at + 2, (int) mac);
  }

  /** The index that a CPL_SMT_WRITE_RPL speaks of, from its tid field. */
  public static int indexOf(int tid) {
    return TID_TID.from(tid);
  }
}

package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_SET_TCB_FIELD: changes bits of a connection's control block (t4_msg.h {@code
 * cpl_set_tcb_field}). The 64 bits that begin at a 32-bit word become {@code (old & ~mask) | val}.
 *
 * <pre>
 *  0  FW_TP_WR header (24 bytes of message, 3 units)
 * 16  ot           opcode 0x05 | tid
 * 20  reply_ctrl   no_reply 15 | reply_chan 14 | queueno 9:0
 * 22  word_cookie  cookie 7:5 | word 4:0
 * 24  mask   32  val
 * 40  (ULP_TX_SC_NOOP, where the writer fills the third unit: ktls does)
 * </pre>
 *
 * In a batch the message goes without the FW_TP_WR, inside ULP_TXPKT and its immediate data
 * (t4_msg.h {@code ulp_txpkt}, {@code ulptx_idata}; {@code __chcr_write_cpl_set_tcb_ulp} of ktls):
 *
 * <pre>
 *  0  cmd_dest   ULP_TX_PKT 31:24 | channelid 23:22 | dest 17:16 | fid 14:4 | ro 3
 *  4  len        in units, from here to the next command
 *  8  cmd_more   ULP_TX_SC_IMM 31:24      12  len  24
 * 16  ot   20  reply_ctrl   22  word_cookie   24  mask   32  val
 * 40  cmd_more   ULP_TX_SC_NOOP           44  len   0
 * </pre>
 */
public final class CplSetTcbField extends TpCommand {
  /** Of the work request with its single message; it takes three units of 16 all the same. */
  public static final int SIZE_BYTES = 40;

  /** With the trailing no-operation. */
  public static final int PADDED_BYTES = 48;

  /** Of one message of a batch. */
  public static final int TXPKT_BYTES = 48;

  private static final int CPL_BYTES = 24;

  private static final Bits QUEUENO = new Bits("QUEUENO", 0, 10);
  private static final Bits NO_REPLY = Bits.flag("NO_REPLY", 15);
  private static final Bits TCB_WORD = new Bits("TCB_WORD", 0, 5);
  private static final Bits TCB_COOKIE = new Bits("TCB_COOKIE", 5, 3);

  private static final Bits ULPTX_CMD = new Bits("ULPTX_CMD", 24, 8);

  /** The driver shifts the whole channel number in: channels 2 and 3 reach bit 23. */
  private static final Bits CHANNELID = new Bits("ULP_TXPKT_CHANNELID", 22, 2);

  private static final Bits FID = new Bits("ULP_TXPKT_FID", 4, 11);
  private static final Bits RO = Bits.flag("ULP_TXPKT_RO", 3);
  private static final int ULP_TX_PKT = 4;
  private static final int ULP_TX_SC_NOOP = 0x80;
  private static final int ULP_TX_SC_IMM = 0x81;

  /** Single, by mask and value. */
  public CplSetTcbField encode(
      MemorySegment segment,
      long offset,
      int tid,
      int queue,
      boolean noReply,
      int cookie,
      int word,
      long mask,
      long val) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_SET_TCB_FIELD, tid);
    body(queue, noReply, cookie, word, mask, val);
    return this;
  }

  /** As the other one, with the third unit filled by a no-operation. */
  public CplSetTcbField encodePadded(
      MemorySegment segment,
      long offset,
      int tid,
      int queue,
      boolean noReply,
      int cookie,
      int word,
      long mask,
      long val) {
    encode(segment, offset, tid, queue, noReply, cookie, word, mask, val);
    noop();
    return this;
  }

  /**
   * Single, by field.
   *
   * @param value the field's value, right-aligned
   */
  public CplSetTcbField encode(
      MemorySegment segment,
      long offset,
      int tid,
      int queue,
      boolean noReply,
      int cookie,
      TcbField field,
      long value) {
    Bits bits = field.bits();
    return encode(
        segment, offset, tid, queue, noReply, cookie, field.word(), bits.mask(), bits.of(value));
  }

  /**
   * One of a batch.
   *
   * @param channel the transmit channel, 0..3
   * @param fid the egress queue's id, from which the answer's function is derived
   */
  public CplSetTcbField encodeTxpkt(
      MemorySegment segment,
      long offset,
      int tid,
      int queue,
      int channel,
      int fid,
      boolean reply,
      int word,
      long mask,
      long val) {
    over(segment, offset);
    zero(TXPKT_BYTES);
    putBe32(
        0,
        ULPTX_CMD.int32(ULP_TX_PKT) | CHANNELID.int32(channel) | FID.int32(fid) | RO.int32(true));
    putBe32(4, Wr.len16(TXPKT_BYTES));
    putBe32(8, ULPTX_CMD.int32(ULP_TX_SC_IMM));
    putBe32(12, CPL_BYTES);
    putBe32(OT, Cpl.opcodeTid(Cpl.CPL_SET_TCB_FIELD, tid));
    body(queue, !reply, 0, word, mask, val);
    noop();
    return this;
  }

  private void body(int queue, boolean noReply, int cookie, int word, long mask, long val) {
    putBe16(20, QUEUENO.int32(queue) | NO_REPLY.int32(noReply));
    putBe16(22, TCB_COOKIE.int32(cookie) | TCB_WORD.int32(word));
    putBe64(24, mask);
    putBe64(32, val);
  }

  private void noop() {
    putBe32(40, ULPTX_CMD.int32(ULP_TX_SC_NOOP));
    putBe32(44, 0);
  }
}

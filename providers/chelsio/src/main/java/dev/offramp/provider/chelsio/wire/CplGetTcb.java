package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_GET_TCB: asks for a connection's whole control block (t4_msg.h {@code cpl_get_tcb}).
 *
 * <pre>
 *  0  FW_TP_WR header (8 bytes of message)
 * 16  ot          opcode 0x06 | tid
 * 20  reply_ctrl  no_reply 15 | reply_chan 14 | queueno 9:0
 * 22  cookie
 * </pre>
 */
public final class CplGetTcb extends TpCommand {
  public static final int SIZE_BYTES = 32;
  private static final int CPL_BYTES = 8;

  private static final Bits QUEUENO = new Bits("QUEUENO", 0, 10);
  private static final Bits REPLY_CHAN = Bits.flag("REPLY_CHAN", 14);

  /**
   * Encodes one.
   *
   * @param queue where the answer goes
   */
  public CplGetTcb encode(
      MemorySegment segment, long offset, int tid, int queue, int replyChannel, int cookie) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_GET_TCB, tid);
    putBe16(20, QUEUENO.int32(queue) | REPLY_CHAN.int32(replyChannel));
    putBe16(22, cookie);
    return this;
  }
}

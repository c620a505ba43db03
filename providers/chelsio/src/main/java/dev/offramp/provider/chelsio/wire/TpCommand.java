package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * A CPL message for TP, in the work request that carries it: FW_TP_WR, whose header says how long
 * the message is, and the message itself from byte 16 on (t4fw_api.h {@code fw_tp_wr}, t4.h {@code
 * INIT_TP_WR}).
 *
 * <pre>
 *  0   wr_hi   op = FW_TP_WR | immdlen = bytes of the message
 *  4   wr_mid  flowid = tid  | len16
 *  8   wr_lo   0 (a cookie that nobody echoes)
 * 16   ot      opcode 31:24 | tid 23:0
 * 20   ...     the message's own fields
 * </pre>
 */
abstract class TpCommand extends Flyweight {
  static final int HEADER_BYTES = 16;
  static final int OT = 16;

  /**
   * Begins a message whose tid is also the work request's flow id, as {@code INIT_TP_WR_MIT_CPL}.
   *
   * @param sizeBytes what the work request takes, header included
   * @param cplBytes how much of it is the message
   */
  final void begin(
      MemorySegment segment, long offset, int sizeBytes, int cplBytes, int opcode, int tid) {
    beginUntied(segment, offset, sizeBytes, cplBytes, opcode, tid, tid);
  }

  /** As the other one, for messages that belong to no connection. */
  final void beginUntied(
      MemorySegment segment,
      long offset,
      int sizeBytes,
      int cplBytes,
      int opcode,
      int tidField,
      int flowid) {
    over(segment, offset);
    zero(sizeBytes);
    putBe32(0, Wr.op(Wr.FW_TP_WR) | Wr.FW_WR_IMMDLEN.int32(cplBytes));
    putBe32(4, Wr.flow(flowid, HEADER_BYTES + (long) cplBytes));
    putBe32(OT, Cpl.opcodeTid(opcode, tidField));
  }
}

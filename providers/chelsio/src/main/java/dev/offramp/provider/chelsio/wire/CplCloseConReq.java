package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_CLOSE_CON_REQ: a FIN after what was given to send (t4_msg.h {@code cpl_close_con_req}).
 *
 * <pre>
 *  0  FW_TP_WR header (8 bytes of message)
 * 16  ot  opcode 0x08 | tid
 * </pre>
 */
public final class CplCloseConReq extends TpCommand {
  public static final int SIZE_BYTES = 32;
  private static final int CPL_BYTES = 8;

  /** Encodes one. */
  public CplCloseConReq encode(MemorySegment segment, long offset, int tid) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_CLOSE_CON_REQ, tid);
    return this;
  }
}

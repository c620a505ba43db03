package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_ABORT_REQ, which ends a connection at once, and CPL_ABORT_RPL, which answers the chip's own
 * CPL_ABORT_REQ_RSS (t4_msg.h {@code cpl_abort_req}, {@code cpl_abort_rpl}).
 *
 * <pre>
 *  0  FW_TP_WR header (16 bytes of message)
 * 16  ot   opcode 0x0A or 0x0B | tid
 * 25  cmd  0: RST to the peer, 1: no RST
 * </pre>
 */
public final class CplAbort extends TpCommand {
  public static final int SIZE_BYTES = 32;
  private static final int CPL_BYTES = 16;
  private static final int CMD = 25;

  /**
   * The host ends it.
   *
   * @param cmd {@link Cpl#CPL_ABORT_SEND_RST} or {@link Cpl#CPL_ABORT_NO_RST}
   */
  public CplAbort request(MemorySegment segment, long offset, int tid, int cmd) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_ABORT_REQ, tid);
    put8(CMD, cmd);
    return this;
  }

  /** The host has understood that it ended. */
  public CplAbort reply(MemorySegment segment, long offset, int tid, int cmd) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_ABORT_RPL, tid);
    put8(CMD, cmd);
    return this;
  }
}

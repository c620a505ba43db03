package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_TID_RELEASE: the connection's number may be used again (t4_msg.h {@code cpl_tid_release}).
 *
 * <pre>
 *  0  FW_TP_WR header (8 bytes of message)
 * 16  ot  opcode 0x1A | tid
 * </pre>
 */
public final class CplTidRelease extends TpCommand {
  public static final int SIZE_BYTES = 32;
  private static final int CPL_BYTES = 8;

  /** Encodes one. */
  public CplTidRelease encode(MemorySegment segment, long offset, int tid) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_TID_RELEASE, tid);
    return this;
  }
}

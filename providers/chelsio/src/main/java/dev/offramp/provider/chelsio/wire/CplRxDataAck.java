package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * CPL_RX_DATA_ACK: gives the chip credits to receive (t4_msg.h {@code cpl_rx_data_ack}).
 *
 * <pre>
 *  0  FW_TP_WR header (8 bytes of message)
 * 16  ot           opcode 0x0D | tid
 * 20  credit_dack  dack_change 31 | dack_mode 30:29 | force_ack 28 | credits 27:0
 * </pre>
 */
public final class CplRxDataAck extends TpCommand {
  public static final int SIZE_BYTES = 32;
  private static final int CPL_BYTES = 8;

  private static final Bits CREDITS = new Bits("RX_CREDITS", 0, 28);
  private static final Bits FORCE_ACK = Bits.flag("RX_FORCE_ACK", 28);
  private static final Bits DACK_MODE = new Bits("RX_DACK_MODE", 29, 2);
  private static final Bits DACK_CHANGE = Bits.flag("RX_DACK_CHANGE", 31);

  /** The most credits that one message gives. */
  public static final int MAX_CREDITS = (1 << 28) - 1;

  /** Encodes one. */
  public CplRxDataAck encode(
      MemorySegment segment,
      long offset,
      int tid,
      int credits,
      boolean forceAck,
      int dackMode,
      boolean dackChange) {
    begin(segment, offset, SIZE_BYTES, CPL_BYTES, Cpl.CPL_RX_DATA_ACK, tid);
    putBe32(
        20,
        CREDITS.int32(credits)
            | FORCE_ACK.int32(forceAck)
            | DACK_MODE.int32(dackMode)
            | DACK_CHANGE.int32(dackChange));
    return this;
  }

  /**
   * Credits after start-up, as iw_cxgb4 gives them ({@code update_rx_credits}): what has been
   * consumed, and what of the receive window the open could not carry.
   *
   * @param windowBytes the receive window that the connection is to have
   */
  public CplRxDataAck update(
      MemorySegment segment, long offset, int tid, long windowBytes, int credits, int dackMode) {
    long all = credits + WindowScale.beyondOpen(windowBytes);
    return encode(segment, offset, tid, (int) all, true, dackMode, true);
  }
}

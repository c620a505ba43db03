package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * FW_OFLD_TX_DATA_WR: bytes for the peer before RDMA mode, carried in the request itself
 * (t4fw_api.h {@code fw_ofld_tx_data_wr}; iw_cxgb4's {@code send_mpa_reply}).
 *
 * <pre>
 *  0  op_to_immdlen    op | compl 21 | immdlen 7:0
 *  4  flowid_len16
 *  8  plen
 * 12  tunnel_to_proxy  shove 29 | flush 17
 * 16  the bytes, padded to a unit with zeros
 * </pre>
 */
public final class FwOfldTxDataWr extends Flyweight {
  /** {@code immdlen} has eight bits. */
  public static final int MAX_BYTES = 255;

  private static final int HEADER_BYTES = 16;
  private static final Bits SHOVE = Bits.flag("FW_OFLD_TX_DATA_WR_SHOVE", 29);
  private static final Bits FLUSH = Bits.flag("FW_OFLD_TX_DATA_WR_FLUSH", 17);

  /**
   * Encodes one; a CPL_FW4_ACK is asked for.
   *
   * @param bytes from {@code from} on, {@code length} of them, 1..{@value #MAX_BYTES}
   * @return how long the request is, padding included
   */
  public int encode(
      MemorySegment segment, long offset, int tid, MemorySegment bytes, long from, int length) {
    int padded = sizeBytes(length);
    over(segment, offset);
    zero(padded);
    putBe32(
        0,
        Wr.op(Wr.FW_OFLD_TX_DATA_WR) | Wr.FW_WR_COMPL.int32(true) | Wr.FW_WR_IMMDLEN.int32(length));
    putBe32(4, Wr.flow(tid, padded));
    putBe32(8, length);
    putBe32(12, SHOVE.int32(true) | FLUSH.int32(true));
    MemorySegment.copy(bytes, from, segment, offset + HEADER_BYTES, length);
    return padded;
  }

  /** How long a request with so many bytes is, padding included. */
  public static int sizeBytes(int length) {
    return Wr.len16(HEADER_BYTES + (long) length) * Wr.UNIT_BYTES;
  }
}

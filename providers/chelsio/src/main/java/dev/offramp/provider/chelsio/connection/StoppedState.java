package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.provider.chelsio.wire.FwOfldConnectionWr;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcbFlags;
import org.jspecify.annotations.Nullable;

/** Whether a connection whose control block has been read can travel at that instant. */
final class StoppedState {
  private static final int RQ_MSN_MASK = (1 << 13) - 1;

  private StoppedState() {}

  /**
   * Why it cannot; null when it can. {@link RefusalReason#NOT_QUIET} may pass, other reasons stay.
   *
   * @param receiveNumber that of the message that comes next, by the completions so far
   * @param indicated false while an Initiator's ready-to-receive Read has no answer
   */
  static @Nullable Refusal refusal(CplGetTcbRpl block, int receiveNumber, boolean indicated) {
    long flags = block.field(TcbField.T_FLAGS);
    if (block.field(TcbField.T_STATE) != FwOfldConnectionWr.T_STATE_ESTABLISHED
        || TcbFlags.PEER_FIN.isSetIn(flags)) {
      return new Refusal(
          RefusalReason.HALF_CLOSED,
          "T_STATE %d, PEER_FIN %b"
              .formatted(block.field(TcbField.T_STATE), TcbFlags.PEER_FIN.isSetIn(flags)),
          "an established connection",
          "move it before either end closes it");
    }
    if (block.field(TcbField.SND_UNA_RAW) != 0) {
      return notQuiet(
          block.field(TcbField.SND_UNA_RAW) + " bytes between SND.UNA and TX_MAX",
          "0: they are in the chip's memory");
    }
    // Inference: RX_PDU_OUT stays set, too, between the segments of a message, and while a Read of
    // the peer's is not answered.
    if (TcbFlags.TX_PDU_OUT.isSetIn(flags) || TcbFlags.RX_PDU_OUT.isSetIn(flags)) {
      return notQuiet(
          "TX_PDU_OUT %b, RX_PDU_OUT %b"
              .formatted(TcbFlags.TX_PDU_OUT.isSetIn(flags), TcbFlags.RX_PDU_OUT.isSetIn(flags)),
          "neither: no FPDU under way");
    }
    if (block.field(TcbField.RX_HDR_OFFSET) != 0
        || block.field(TcbField.RX_FRAG0_LEN) != 0
        || block.field(TcbField.RX_FRAG1_LEN) != 0) {
      return notQuiet(
          "%d bytes in order, %d and %d out of order"
              .formatted(
                  block.field(TcbField.RX_HDR_OFFSET),
                  block.field(TcbField.RX_FRAG0_LEN),
                  block.field(TcbField.RX_FRAG1_LEN)),
          "none in the chip's memory");
    }
    if (block.field(TcbField.RQ_MSN) != (receiveNumber & RQ_MSN_MASK)) {
      return notQuiet(
          "RQ_MSN " + block.field(TcbField.RQ_MSN),
          (receiveNumber & RQ_MSN_MASK) + ", all messages completed");
    }
    return indicated
        ? null
        : notQuiet("the ready-to-receive Read without its answer", "the answer");
  }

  private static Refusal notQuiet(String seen, String expected) {
    return new Refusal(
        RefusalReason.NOT_QUIET, seen, expected, "give the move more time, or pause the traffic");
  }
}

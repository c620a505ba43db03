package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.provider.chelsio.wire.FwOfldConnectionWr;
import dev.offramp.provider.chelsio.wire.TcbField;
import dev.offramp.provider.chelsio.wire.TcbFlags;
import org.jspecify.annotations.Nullable;

/** A control block that has been read while both directions were quiesced. */
final class StoppedState {
  private static final String SOURCE = "CPL_GET_TCB_RPL";
  private static final int RQ_MSN_MASK = (1 << 13) - 1;
  private static final long MASK_32 = 0xFFFF_FFFFL;

  private final CplGetTcbRpl block;
  private final ConnectionPlan plan;
  private final int sendNumber;
  private final int readNumber;
  private final int receiveNumber;

  /**
   * A block, and what only the driver knows.
   *
   * @param sendNumber the next message's number on queue 0
   * @param readNumber the next Read Request's
   * @param receiveNumber that of the message that comes next
   */
  StoppedState(
      CplGetTcbRpl block, ConnectionPlan plan, int sendNumber, int readNumber, int receiveNumber) {
    this.block = block;
    this.plan = plan;
    this.sendNumber = sendNumber;
    this.readNumber = readNumber;
    this.receiveNumber = receiveNumber;
  }

  /** Why the connection cannot travel now; null when it can. */
  @Nullable Refusal refusal() {
    long flags = block.field(TcbField.T_FLAGS);
    if (block.field(TcbField.T_STATE) != FwOfldConnectionWr.T_STATE_ESTABLISHED
        || TcbFlags.PEER_FIN.isSetIn(flags)) {
      return refusal(
          RefusalReason.HALF_CLOSED,
          "T_STATE %d, PEER_FIN %b"
              .formatted(block.field(TcbField.T_STATE), TcbFlags.PEER_FIN.isSetIn(flags)),
          "an established connection",
          "move it before either end closes it");
    }
    if (block.field(TcbField.SND_UNA_RAW) != 0) {
      return refusal(
          RefusalReason.UNACKNOWLEDGED_BYTES,
          block.field(TcbField.SND_UNA_RAW) + " bytes between SND.UNA and TX_MAX",
          "0: they are in the chip's memory",
          "wait until the peer has acknowledged them");
    }
    if (TcbFlags.TX_PDU_OUT.isSetIn(flags) || TcbFlags.RX_PDU_OUT.isSetIn(flags)) {
      return refusal(
          RefusalReason.NOT_QUIET,
          "TX_PDU_OUT %b, RX_PDU_OUT %b"
              .formatted(TcbFlags.TX_PDU_OUT.isSetIn(flags), TcbFlags.RX_PDU_OUT.isSetIn(flags)),
          "neither: no FPDU under way",
          "wait until the connection is quiet");
    }
    if (block.field(TcbField.RX_HDR_OFFSET) != 0
        || block.field(TcbField.RX_FRAG0_LEN) != 0
        || block.field(TcbField.RX_FRAG1_LEN) != 0) {
      return refusal(
          RefusalReason.UNREAD_BYTES,
          "%d bytes in order, %d and %d out of order"
              .formatted(
                  block.field(TcbField.RX_HDR_OFFSET),
                  block.field(TcbField.RX_FRAG0_LEN),
                  block.field(TcbField.RX_FRAG1_LEN)),
          "none in the chip's memory",
          "wait until the connection is quiet");
    }
    if (block.field(TcbField.RQ_MSN) != (receiveNumber & RQ_MSN_MASK)) {
      return refusal(
          RefusalReason.NOT_QUIET,
          "RQ_MSN " + block.field(TcbField.RQ_MSN),
          (receiveNumber & RQ_MSN_MASK) + ", all messages completed",
          "wait until the connection is quiet");
    }
    return null;
  }

  private static Refusal refusal(
      RefusalReason reason, String seen, String expected, String remedy) {
    return new Refusal(reason, seen, expected, remedy);
  }

  /** The connection, for its next owner. */
  IwarpConnectionDescriptor descriptor() {
    long next = block.field(TcbField.TX_MAX);
    long received = block.field(TcbField.RCV_NXT);
    long window = block.field(TcbField.RCV_ADV) << block.field(TcbField.RCV_SCALE);
    long acknowledged = received - block.field(TcbField.TS_LAST_ACK_SENT_RAW) & MASK_32;
    return plan.descriptor().toBuilder()
        .present(DescriptorFields.TCP_RESIDENCE, TcpResidence.NEW_OWNER, "the chip")
        .present(DescriptorFields.TCP_STATE, TcpState.ESTABLISHED, SOURCE)
        .present(DescriptorFields.SND_UNA, next, SOURCE)
        .present(DescriptorFields.SND_NXT, next, SOURCE)
        .present(DescriptorFields.SND_MAX, next, SOURCE)
        .derived(DescriptorFields.SND_WND, window, "RCV_ADV << RCV_SCALE")
        .absent(DescriptorFields.SND_WL1, "a TCB has no place for it")
        .absent(DescriptorFields.MAX_SND_WND, "a TCB has no place for it")
        .present(DescriptorFields.RCV_NXT, received, SOURCE)
        .present(DescriptorFields.RCV_WND, block.field(TcbField.RCV_WND), SOURCE)
        .derived(DescriptorFields.RCV_WUP, acknowledged, "RCV_NXT less TS_LAST_ACK_SENT_RAW")
        .present(DescriptorFields.CWND_BYTES, block.field(TcbField.SND_CWND), SOURCE)
        .present(DescriptorFields.SSTHRESH_BYTES, block.field(TcbField.SND_SSTHRESH), SOURCE)
        .absent(DescriptorFields.SRTT_MICROS, "the unit of T_SRTT is not public")
        .absent(DescriptorFields.RTTVAR_MICROS, "the unit of T_RTTVAR is not public")
        .absent(DescriptorFields.RTO_MICROS, "a TCB has no place for it")
        .present(DescriptorFields.UNACKNOWLEDGED, Octets.empty(), "all is acknowledged")
        .present(DescriptorFields.UNSENT, Octets.empty(), "all is sent")
        .present(DescriptorFields.UNREAD, Octets.empty(), "all is placed")
        .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, "the chip")
        .present(
            DescriptorFields.MPA_SEND_START,
            Sequence.plus(plan.sndUna(), plan.streaming().length()),
            "the first FPDU")
        .present(DescriptorFields.MPA_RECEIVE_START, plan.rcvNxt(), "the first FPDU")
        .present(DescriptorFields.SEND_MSN, Integer.toUnsignedLong(sendNumber), "the driver")
        .present(
            DescriptorFields.READ_REQUEST_MSN, Integer.toUnsignedLong(readNumber), "the driver")
        .present(DescriptorFields.RECEIVE_MSN, Integer.toUnsignedLong(receiveNumber), "the driver")
        .absent(
            DescriptorFields.READ_RESPONSE_MSN,
            "the chip counts the peer's Read Requests in no public field")
        .build();
  }
}

package dev.offramp.provider.chelsio.wire;

import java.util.Locale;

/**
 * The fields of a connection's control block (TCB): 1024 bits, in 32-bit words counted from the
 * least significant one. A field begins at bit {@code 32 * word + shift} (t4_tcb.h; FreeBSD's map
 * of the TCB for what Linux does not name).
 */
public enum TcbField {
  /** ULP mode. */
  ULP_TYPE(0, 0, 4),
  ULP_RAW(0, 4, 8),
  /** Next-hop entry. */
  L2T_IX(0, 12, 12),
  /** Source MAC entry. */
  SMAC_SEL(0, 24, 8),
  /** See {@link TcbFlags}. */
  T_FLAGS(1, 0, 64),
  /** Ingress queue. */
  RSS_INFO(3, 0, 10),
  /** DSCP. */
  TOS(3, 10, 6),
  /** TCP state, by the firmware's numbers. */
  T_STATE(3, 16, 4),
  /** Retransmissions before TCP gives up. */
  MAX_RT(3, 20, 4),
  /** Index into the MTU table. */
  T_MAXSEG(3, 24, 4),
  /** Scale of <em>our receive</em> window. */
  SND_SCALE(3, 28, 4),
  /** Scale of the <em>peer's</em> window. */
  RCV_SCALE(4, 0, 4),
  /** Retransmission backoff. */
  T_RXTSHIFT(4, 4, 4),
  /** Duplicate ACKs seen. */
  T_DUPACKS(4, 8, 4),
  /** Offset from the chip's clock. */
  TIMESTAMP_OFFSET(4, 12, 4),
  /** Window that the peer advertised, as in the header. */
  RCV_ADV(4, 16, 16),
  /** Timer accounting. */
  TIMESTAMP(5, 0, 32),
  /** RTT timer, or age of TS.Recent. */
  T_RTT_TS_RECENT_AGE(6, 0, 32),
  /** Sequence being timed, or TS.Recent. */
  T_RTSEQ_RECENT(7, 0, 32),
  /** Smoothed round-trip time, chip ticks. */
  T_SRTT(8, 0, 16),
  /** Its variation, chip ticks. */
  T_RTTVAR(8, 16, 16),
  /** One past the last byte of the send buffer. */
  TX_MAX(9, 0, 32),
  /** Distance of SND.UNA below TX_MAX. */
  SND_UNA_RAW(10, 0, 28),
  /** Distance of SND.NXT below TX_MAX. */
  SND_NXT_RAW(10, 28, 28),
  /** Distance of SND.MAX below TX_MAX. */
  SND_MAX_RAW(11, 24, 28),
  /** Distance of the recovery point below TX_MAX. */
  SND_REC_RAW(12, 20, 28),
  /** Congestion window, bytes. */
  SND_CWND(13, 16, 28),
  /** Slow-start threshold, bytes. */
  SND_SSTHRESH(14, 12, 28),
  TX_HDR_PTR_RAW(15, 8, 17),
  TX_LAST_PTR_RAW(15, 25, 17),
  /** Next byte expected. */
  RCV_NXT(16, 10, 32),
  /** Receive credits, bytes. */
  RCV_WND(17, 10, 28),
  /** Bytes in order and still buffered in the chip. */
  RX_HDR_OFFSET(18, 6, 28),
  /** Distance of the last ACK sent below RCV_NXT. */
  TS_LAST_ACK_SENT_RAW(19, 2, 28),
  RX_FRAG0_START_IDX_RAW(19, 30, 28),
  RX_FRAG1_START_IDX_OFFSET(20, 26, 28),
  RX_FRAG0_LEN(21, 22, 28),
  RX_FRAG1_LEN(22, 18, 28),
  PDU_LEN(23, 14, 16),
  RX_PTR_RAW(23, 30, 17),
  RX_FRAG1_PTR_RAW(24, 15, 17),
  MAIN_SLUSH(25, 0, 32),
  /** Marker phase received. */
  IRS_ULP(26, 0, 9),
  /** Marker phase sent. */
  ISS_ULP(26, 9, 9),
  TX_PDU_LEN(26, 18, 14),
  CQ_IDX_SQ(27, 0, 16),
  CQ_IDX_RQ(27, 16, 16),
  /** Queue pair. */
  QP_ID(28, 0, 16),
  /** Protection domain. */
  PD_ID(28, 16, 16),
  STAG(29, 0, 32),
  /** Receive queue's place in the RQ table. */
  RQ_START(30, 0, 26),
  /** MSN expected. */
  RQ_MSN(30, 26, 13),
  RQ_MAX_OFFSET(31, 7, 4),
  RQ_WRITE_PTR(31, 11, 13),
  RDMAP_OPCODE(31, 24, 4),
  ORD_L_BIT_VLD(31, 28, 1),
  TX_FLUSH(31, 29, 1),
  TX_OOS_RXMT(31, 30, 1),
  TX_OOS_TXMT(31, 31, 1);

  private final int word;

  @SuppressWarnings("ImmutableEnumChecker") // a record of a string and two numbers
  private final Bits bits;

  TcbField(int word, int shift, int width) {
    this.word = word;
    this.bits = new Bits("TCB_" + name(), shift, width);
  }

  /** The 32-bit word in which the field begins. */
  public int word() {
    return word;
  }

  /** Where the field lies in the 64 bits that begin with its word. */
  public Bits bits() {
    return bits;
  }

  /** How many of the TCB's bits lie below the field. */
  public int lowBit() {
    return Integer.SIZE * word + bits.shift();
  }

  @Override
  public String toString() {
    return "TCB." + name().toLowerCase(Locale.ROOT);
  }
}

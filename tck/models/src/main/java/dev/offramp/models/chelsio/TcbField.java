package dev.offramp.models.chelsio;

/**
 * Fields of a TCB: 32-bit word, shift within it, width. From FreeBSD's cxgbe (t4_tcb.h); where
 * Linux's t4_tcb.h has a field, they agree, except that Linux masks RCV_WND to 24 bits.
 */
enum TcbField {
  ULP_TYPE(0, 0, 4),
  ULP_RAW(0, 4, 8),
  L2T_IX(0, 12, 12),
  SMAC_SEL(0, 24, 8),
  T_FLAGS(1, 0, 64),
  RSS_INFO(3, 0, 10),
  TOS(3, 10, 6),
  T_STATE(3, 16, 4),
  MAX_RT(3, 20, 4),
  T_MAXSEG(3, 24, 4),
  /** Of the window that this end advertises, in spite of the name. */
  SND_SCALE(3, 28, 4),
  /** Of the peer's window. */
  RCV_SCALE(4, 0, 4),
  T_RXTSHIFT(4, 4, 4),
  T_DUPACKS(4, 8, 4),
  TIMESTAMP_OFFSET(4, 12, 4),
  RCV_ADV(4, 16, 16),
  TIMESTAMP(5, 0, 32),
  T_RTT_TS_RECENT_AGE(6, 0, 32),
  T_RTSEQ_RECENT(7, 0, 32),
  T_SRTT(8, 0, 16),
  T_RTTVAR(8, 16, 16),
  TX_MAX(9, 0, 32),
  SND_UNA_RAW(10, 0, 28),
  SND_NXT_RAW(10, 28, 28),
  SND_MAX_RAW(11, 24, 28),
  SND_REC_RAW(12, 20, 28),
  SND_CWND(13, 16, 28),
  SND_SSTHRESH(14, 12, 28),
  TX_HDR_PTR_RAW(15, 8, 17),
  TX_LAST_PTR_RAW(15, 25, 17),
  RCV_NXT(16, 10, 32),
  RCV_WND(17, 10, 28),
  RX_HDR_OFFSET(18, 6, 28),
  TS_LAST_ACK_SENT_RAW(19, 2, 28),
  RX_FRAG0_START_IDX_RAW(19, 30, 28),
  RX_FRAG1_START_IDX_OFFSET(20, 26, 28),
  RX_FRAG0_LEN(21, 22, 28),
  RX_FRAG1_LEN(22, 18, 28),
  PDU_LEN(23, 14, 16),
  RX_PTR_RAW(23, 30, 17),
  RX_FRAG1_PTR_RAW(24, 15, 17),
  MAIN_SLUSH(25, 0, 32),
  IRS_ULP(26, 0, 9),
  ISS_ULP(26, 9, 9),
  TX_PDU_LEN(26, 18, 14),
  CQ_IDX_SQ(27, 0, 16),
  CQ_IDX_RQ(27, 16, 16),
  QP_ID(28, 0, 16),
  PD_ID(28, 16, 16),
  STAG(29, 0, 32),
  RQ_START(30, 0, 26),
  RQ_MSN(30, 26, 13),
  RQ_MAX_OFFSET(31, 7, 4),
  RQ_WRITE_PTR(31, 11, 13),
  RDMAP_OPCODE(31, 24, 4),
  ORD_L_BIT_VLD(31, 28, 1),
  TX_FLUSH(31, 29, 1),
  TX_OOS_RXMT(31, 30, 1),
  TX_OOS_TXMT(31, 31, 1);

  private final int first;
  private final int width;

  TcbField(int word, int shift, int width) {
    this.first = 32 * word + shift;
    this.width = width;
  }

  /** Its lowest bit, of the TCB's 1024. */
  int first() {
    return first;
  }

  int width() {
    return width;
  }

  /** Bits of T_FLAGS (FreeBSD's t4_tcb.h, TF_*). */
  static final class Flag {
    static final int NON_OFFLOAD = 1;
    static final int KEEPALIVE = 3;
    static final int DACK = 4;
    static final int NAGLE = 7;
    static final int RX_FLOW_CONTROL_DISABLE = 10;
    static final int RX_CHANNEL = 11;
    static final int TX_CHANNEL0 = 12;
    static final int TX_QUIESCE = 14;
    static final int RX_QUIESCE = 15;
    static final int TX_QUEUE = 18;
    static final int CCTRL_SEL0 = 22;
    static final int INIT = 33;
    static final int PEER_FIN = 43;
    static final int RDMA_ERROR = 46;
    static final int TX_PDU_OUT = 48;
    static final int RX_PDU_OUT = 49;
    static final int RECV_SCALE = 52;
    static final int RECV_TSTMP = 53;
    static final int RECV_SACK = 54;
    static final int IP_VERSION = 58;
    static final int CCTRL_ECN = 59;
    static final int CORE_BYPASS = 63;

    private Flag() {}
  }
}

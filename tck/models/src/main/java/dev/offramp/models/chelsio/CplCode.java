package dev.offramp.models.chelsio;

/** Opcodes of CPL messages, and the error numbers that some carry (t4_msg.h). */
final class CplCode {
  // ---- to the chip

  static final int ACT_OPEN_REQ = 0x03;
  static final int SET_TCB_FIELD = 0x05;
  static final int GET_TCB = 0x06;
  static final int CLOSE_CON_REQ = 0x08;
  static final int ABORT_REQ = 0x0A;
  static final int ABORT_RPL = 0x0B;
  static final int RX_DATA_ACK = 0x0D;
  static final int L2T_WRITE_REQ = 0x12;
  static final int SMT_WRITE_REQ = 0x14;
  static final int TID_RELEASE = 0x1A;
  static final int ACT_OPEN_REQ6 = 0x83;

  // ---- from the chip

  static final int GET_TCB_RPL = 0x22;
  static final int L2T_WRITE_RPL = 0x23;
  static final int ACT_OPEN_RPL = 0x25;
  static final int PEER_CLOSE = 0x26;
  static final int ABORT_REQ_RSS = 0x2B;
  static final int ABORT_RPL_RSS = 0x2D;
  static final int SMT_WRITE_RPL = 0x2E;
  static final int CLOSE_CON_RPL = 0x32;
  static final int RX_DATA = 0x39;
  static final int SET_TCB_RPL = 0x3A;
  static final int ACT_ESTABLISH = 0x40;
  static final int PASS_ESTABLISH = 0x41;
  static final int RDMA_TERMINATE = 0xA2;
  static final int SGE_EGR_UPDATE = 0xA5;
  static final int FW4_ACK = 0xC3;
  static final int FW6_MSG = 0xE0;

  // ---- types of CPL_FW6_MSG

  static final int FW6_WR_RPL = 1;
  static final int FW6_CQE = 2;
  static final int FW6_OFLD_CONNECTION_WR_RPL = 3;

  // ---- flags of CPL_FW4_ACK

  static final int FW4_SEQUENCE_VALID = 1;
  static final int FW4_FLOWC = 4;

  // ---- CPL_ERR_*

  static final int ERR_NONE = 0;
  static final int ERR_TCAM_FULL = 3;
  static final int ERR_BAD_LENGTH = 15;
  static final int ERR_BAD_ROUTE = 18;
  static final int ERR_CONN_RESET = 20;
  static final int ERR_CONN_EXIST = 22;
  static final int ERR_ARP_MISS = 23;
  static final int ERR_CONN_TIMEDOUT = 30;
  static final int ERR_XMIT_TIMEDOUT = 31;
  static final int ERR_RTX_NEG_ADVICE = 35;
  static final int ERR_KEEPALV_NEG_ADVICE = 37;
  static final int ERR_ABORT_FAILED = 42;

  private CplCode() {}

  /** TCP has its doubts, no more: its connection goes on. */
  static boolean isNegativeAdvice(int status) {
    return status >= ERR_RTX_NEG_ADVICE && status <= ERR_KEEPALV_NEG_ADVICE;
  }
}

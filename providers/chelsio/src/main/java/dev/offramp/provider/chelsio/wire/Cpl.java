package dev.offramp.provider.chelsio.wire;

/**
 * The opcodes of CPL messages and what their status codes mean (t4_msg.h). A message begins with
 * one word: opcode 31:24, tid 23:0.
 */
public final class Cpl {
  // ---- to the chip
  public static final int CPL_SET_TCB_FIELD = 0x05;
  public static final int CPL_GET_TCB = 0x06;
  public static final int CPL_CLOSE_CON_REQ = 0x08;
  public static final int CPL_ABORT_REQ = 0x0A;
  public static final int CPL_ABORT_RPL = 0x0B;
  public static final int CPL_RX_DATA_ACK = 0x0D;
  public static final int CPL_L2T_WRITE_REQ = 0x12;
  public static final int CPL_SMT_WRITE_REQ = 0x14;
  public static final int CPL_TID_RELEASE = 0x1A;

  // ---- from the chip
  public static final int CPL_GET_TCB_RPL = 0x22;
  public static final int CPL_L2T_WRITE_RPL = 0x23;
  public static final int CPL_ACT_OPEN_RPL = 0x25;
  public static final int CPL_PEER_CLOSE = 0x26;
  public static final int CPL_ABORT_REQ_RSS = 0x2B;
  public static final int CPL_ABORT_RPL_RSS = 0x2D;
  public static final int CPL_SMT_WRITE_RPL = 0x2E;
  public static final int CPL_CLOSE_CON_RPL = 0x32;
  public static final int CPL_RX_DATA = 0x39;
  public static final int CPL_SET_TCB_RPL = 0x3A;
  public static final int CPL_ACT_ESTABLISH = 0x40;
  public static final int CPL_PASS_ESTABLISH = 0x41;
  public static final int CPL_RDMA_TERMINATE = 0xA2;
  public static final int CPL_SGE_EGR_UPDATE = 0xA5;
  public static final int CPL_FW4_ACK = 0xC3;
  public static final int CPL_FW6_MSG = 0xE0;

  /** CPL_ABORT_REQ and CPL_ABORT_RPL: a RST goes to the peer. */
  public static final int CPL_ABORT_SEND_RST = 0;

  /** The connection ends without a segment. */
  public static final int CPL_ABORT_NO_RST = 1;

  // ---- enum CPL_error, as far as it is looked at
  public static final int CPL_ERR_NONE = 0;
  public static final int CPL_ERR_CONN_RESET = 20;
  public static final int CPL_ERR_CONN_TIMEDOUT = 30;
  public static final int CPL_ERR_FINWAIT2_TIMEDOUT = 33;
  public static final int CPL_ERR_KEEPALIVE_TIMEDOUT = 34;
  public static final int CPL_ERR_RTX_NEG_ADVICE = 35;
  public static final int CPL_ERR_PERSIST_NEG_ADVICE = 36;
  public static final int CPL_ERR_KEEPALV_NEG_ADVICE = 37;
  public static final int CPL_ERR_ABORT_FAILED = 42;

  static final Bits CPL_OPCODE = new Bits("CPL_OPCODE", 24, 8);
  static final Bits TID = new Bits("tid", 0, 24);

  private Cpl() {}

  /** Advice only: the connection lives on, and the message is not to be answered. */
  public static boolean isNegativeAdvice(int status) {
    return status == CPL_ERR_RTX_NEG_ADVICE
        || status == CPL_ERR_PERSIST_NEG_ADVICE
        || status == CPL_ERR_KEEPALV_NEG_ADVICE;
  }

  /** Whether TCP gave up on a peer that does not answer. */
  public static boolean isTimeout(int status) {
    return status >= CPL_ERR_CONN_TIMEDOUT && status <= CPL_ERR_KEEPALIVE_TIMEDOUT;
  }

  static int opcodeTid(int opcode, int tid) {
    return CPL_OPCODE.int32(opcode) | TID.int32(tid);
  }
}

package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;

/**
 * A completion (t4.h, struct t4_cqe).
 *
 * <pre>
 *  0: qpid 31:12 | swcqe 11 | drain 10 | status 9:5 | type 4 (1 SQ, 0 RQ) | opcode 3:0
 *  4: length
 *  8: RQ: stag, msn       SQ: stag of a fast registration; the host's number at 14
 * 16: abs_rqe_idx at 20 with a shared queue
 * last 8: generation 63 | overflow 62 | iq type 61:60 | timestamp 59:0
 * </pre>
 *
 * @param queueId {@code qpid}
 * @param send whether it is of the send queue
 * @param stag what an RQ completion has at 8
 * @param low what stands at 12: the MSN of an RQ completion, the host's number of an SQ one
 */
record Cqe(int queueId, boolean send, int opcode, int status, int length, int stag, int low) {
  static final int BYTES = 64;
  static final int SHORT_BYTES = 32;

  // FW_RI_*: opcodes
  static final int WRITE = 0;
  static final int READ_REQ = 1;
  static final int READ_RESP = 2;
  static final int SEND = 3;
  static final int SEND_WITH_INV = 4;
  static final int SEND_WITH_SE = 5;
  static final int SEND_WITH_SE_INV = 6;
  static final int TERMINATE = 7;
  static final int FAST_REGISTER = 10;
  static final int LOCAL_INV = 11;

  // T4_ERR_*: statuses
  static final int OK = 0;
  static final int ERR_STAG = 0x01;
  static final int ERR_PDID = 0x02;
  static final int ERR_ACCESS = 0x04;
  static final int ERR_WRAP = 0x05;
  static final int ERR_BOUND = 0x06;
  static final int ERR_INVALIDATE_SHARED_MR = 0x07;
  static final int ERR_PBL_ADDR_BOUND = 0x0B;
  static final int ERR_CRC = 0x10;
  static final int ERR_MARKER = 0x11;
  static final int ERR_PDU_LEN = 0x12;
  static final int ERR_OUT_OF_RQE = 0x13;
  static final int ERR_DDP_VERSION = 0x14;
  static final int ERR_RDMA_VERSION = 0x15;
  static final int ERR_OPCODE = 0x16;
  static final int ERR_DDP_QUEUE_NUM = 0x17;
  static final int ERR_MSN = 0x18;
  static final int ERR_TBIT = 0x19;
  static final int ERR_MO = 0x1A;
  static final int ERR_IRD_OVERFLOW = 0x1D;
  static final int ERR_INTERNAL = 0x1F;

  /** A completion of the receive queue, or of a Read. */
  static Cqe received(int queueId, int opcode, int status, int length, int stag, int msn) {
    return new Cqe(queueId, false, opcode, status, length, stag, msn);
  }

  /**
   * A completion of the send queue.
   *
   * @param wrid the host's number, as it stood in the work request
   */
  static Cqe sent(int queueId, int opcode, int status, int wrid) {
    return new Cqe(queueId, true, opcode, status, 0, 0, wrid);
  }

  /** Whether it is solicited: what a queue armed for that is told of. */
  boolean isSolicited() {
    return status != OK || (!send && (opcode == SEND_WITH_SE || opcode == SEND_WITH_SE_INV));
  }

  /** The first 16 bytes; the rest up to the last 8 is zero. */
  void encode(MemorySegment to) {
    Be.put32(to, 0, queueId << 12 | status << 5 | (send ? 1 << 4 : 0) | opcode);
    Be.put32(to, 4, length);
    Be.put32(to, 8, stag);
    Be.put32(to, 12, low);
  }

  /** The last eight bytes. */
  static long lastFlit(boolean generation, boolean overflow, long timestamp) {
    return (generation ? 1L << 63 : 0)
        | (overflow ? 1L << 62 : 0)
        | (timestamp & 0x0FFF_FFFF_FFFF_FFFFL);
  }
}

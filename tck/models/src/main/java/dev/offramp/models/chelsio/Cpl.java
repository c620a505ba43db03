package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;

/** Writes the CPL messages of the chip (t4_msg.h), from their opcode on. */
final class Cpl {
  private static final int FW6_BYTES = 40;

  private Cpl() {}

  /** CPL_FW4_ACK: credits 4, flags 7, snd_nxt 8, snd_una 12. */
  static byte[] fw4Ack(int tid, int credits, int flags, int sendNext, int sendUna) {
    MemorySegment to = of(24, CplCode.FW4_ACK, tid);
    Be.put8(to, 4, credits);
    Be.put8(to, 7, flags);
    Be.put32(to, 8, sendNext);
    Be.put32(to, 12, sendUna);
    return bytes(to);
  }

  /** CPL_FW6_MSG type 1: retval in bits 15:8 of the first eight bytes, then the cookie. */
  static byte[] workRequestReply(int retval, long cookie) {
    MemorySegment to = fw6(CplCode.FW6_WR_RPL);
    Be.put64(to, 8, (long) (retval & 0xFF) << 8);
    Be.put64(to, 16, cookie);
    return bytes(to);
  }

  /** CPL_FW6_MSG type 2: the first 32 bytes of a CQE. */
  static byte[] asynchronousCqe(Cqe cqe) {
    MemorySegment to = fw6(CplCode.FW6_CQE);
    cqe.encode(to.asSlice(8, 32));
    return bytes(to);
  }

  /** CPL_FW6_MSG type 3: cookie 8, tid 16, t_state 20, retval 21. */
  static byte[] connectionReply(long cookie, int tid, int state, int retval) {
    MemorySegment to = fw6(CplCode.FW6_OFLD_CONNECTION_WR_RPL);
    Be.put64(to, 8, cookie);
    Be.put32(to, 16, tid);
    Be.put8(to, 20, state);
    Be.put8(to, 21, retval);
    return bytes(to);
  }

  /** CPL_ACT_OPEN_RPL: atid 31:8 and status 7:0 at 4. */
  static byte[] actOpenReply(int tid, int atid, int status) {
    MemorySegment to = of(8, CplCode.ACT_OPEN_RPL, tid);
    Be.put32(to, 4, atid << 8 | status);
    return bytes(to);
  }

  /** CPL_SET_TCB_RPL: cookie 6, status 7, oldval 8. */
  static byte[] setTcbReply(int tid, int cookie, int status, long oldValue) {
    MemorySegment to = of(16, CplCode.SET_TCB_RPL, tid);
    Be.put8(to, 6, cookie);
    Be.put8(to, 7, status);
    Be.put64(to, 8, oldValue);
    return bytes(to);
  }

  /** CPL_GET_TCB_RPL: cookie 4, status 5, len 6, the image 8. */
  static byte[] getTcbReply(int tid, int cookie, int status, Tcb tcb) {
    MemorySegment to = of(8 + Tcb.BYTES, CplCode.GET_TCB_RPL, tid);
    Be.put8(to, 4, cookie);
    Be.put8(to, 5, status);
    Be.put16(to, 6, Tcb.BYTES);
    MemorySegment.copy(MemorySegment.ofArray(tcb.toBytes()), 0, to, 8, Tcb.BYTES);
    return bytes(to);
  }

  /** CPL_L2T_WRITE_RPL: status 4. */
  static byte[] l2tWriteReply(int tid, int status) {
    MemorySegment to = of(8, CplCode.L2T_WRITE_RPL, tid);
    Be.put8(to, 4, status);
    return bytes(to);
  }

  /** CPL_SMT_WRITE_RPL: status 4. */
  static byte[] smtWriteReply(int tid, int status) {
    MemorySegment to = of(8, CplCode.SMT_WRITE_RPL, tid);
    Be.put8(to, 4, status);
    return bytes(to);
  }

  /** CPL_ABORT_REQ_RSS: status 7. T6 has the index of a shared queue at 31:8, zero without one. */
  static byte[] abortRequest(int tid, int status) {
    MemorySegment to = of(8, CplCode.ABORT_REQ_RSS, tid);
    Be.put8(to, 7, status);
    return bytes(to);
  }

  /** CPL_ABORT_RPL_RSS: status 7; T6 as above. */
  static byte[] abortReply(int tid, int status) {
    MemorySegment to = of(8, CplCode.ABORT_RPL_RSS, tid);
    Be.put8(to, 7, status);
    return bytes(to);
  }

  /** CPL_PEER_CLOSE: rcv_nxt 4. */
  static byte[] peerClose(int tid, int receiveNext) {
    MemorySegment to = of(8, CplCode.PEER_CLOSE, tid);
    Be.put32(to, 4, receiveNext);
    return bytes(to);
  }

  /** CPL_CLOSE_CON_RPL: status 7, snd_nxt 8, rcv_nxt 12. */
  static byte[] closeReply(int tid, int status, int sendNext, int receiveNext) {
    MemorySegment to = of(16, CplCode.CLOSE_CON_RPL, tid);
    Be.put8(to, 7, status);
    Be.put32(to, 8, sendNext);
    Be.put32(to, 12, receiveNext);
    return bytes(to);
  }

  /** CPL_RX_DATA: len 6, seq 8, urg 12, psh 14 bit 2, status 15, then the bytes. */
  static byte[] receivedData(int tid, int sequence, MemorySegment data) {
    int length = Math.toIntExact(data.byteSize());
    MemorySegment to = of(16 + length, CplCode.RX_DATA, tid);
    Be.put16(to, 6, length);
    Be.put32(to, 8, sequence);
    Be.put8(to, 14, 1 << 2);
    MemorySegment.copy(data, 0, to, 16, length);
    return bytes(to);
  }

  /** CPL_RDMA_TERMINATE: len 6, then the Terminate message. */
  static byte[] terminate(int tid, MemorySegment message) {
    int length = Math.toIntExact(message.byteSize());
    MemorySegment to = of(8 + length, CplCode.RDMA_TERMINATE, tid);
    Be.put16(to, 6, length);
    MemorySegment.copy(message, 0, to, 8, length);
    return bytes(to);
  }

  /** CPL_SGE_EGR_UPDATE: opcode and qid 16:0, cidx 4, pidx 6. */
  static byte[] egressUpdate(int queue, int consumer, int producer) {
    MemorySegment to = MemorySegment.ofArray(new byte[8]);
    Be.put32(to, 0, CplCode.SGE_EGR_UPDATE << 24 | (queue & 0x1_FFFF));
    Be.put16(to, 4, consumer);
    Be.put16(to, 6, producer);
    return bytes(to);
  }

  private static MemorySegment fw6(int type) {
    MemorySegment to = MemorySegment.ofArray(new byte[FW6_BYTES]);
    Be.put8(to, 0, CplCode.FW6_MSG);
    Be.put8(to, 1, type);
    return to;
  }

  private static MemorySegment of(int bytes, int opcode, int tid) {
    MemorySegment to = MemorySegment.ofArray(new byte[bytes]);
    Be.put32(to, 0, opcode << 24 | (tid & 0xFF_FFFF));
    return to;
  }

  private static byte[] bytes(MemorySegment segment) {
    return (byte[]) segment.heapBase().orElseThrow();
  }
}

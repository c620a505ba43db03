package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * The work requests that a connection begins with, at quantum 0 of an empty send queue.
 *
 * <ul>
 *   <li>The Responder's last streaming-mode message (LSMM): a Send in stream mode that then waits
 *       for the first FPDU, as RFC 5044, section 7.1.2 wants of a Responder.
 *   <li>The Initiator's ready-to-receive indication (RTR): a zero-length Read or Write.
 *   <li>E810: a NOP with a local fence and a request for an event when the connection runs.
 * </ul>
 *
 * Source: irdma's ctrl.c, irdma_sc_send_lsmm, irdma_sc_send_rtt, irdma_sc_gen_rts_ae.
 */
public final class ConnectionWqe {
  /** The vendor's filler for the STags of a Read of nothing. */
  private static final int READ_SINK_STAG = 0xABCD;

  private static final int READ_SOURCE_STAG = 0x1234;

  private ConnectionWqe() {}

  /** How many quanta the connection's own work requests take. */
  public static int quanta(Generation generation) {
    return generation.hasRtsEvent() ? 3 : 1;
  }

  /** The last streaming-mode message, out of registered memory. */
  public static void lastStreamingMessage(
      Generation generation,
      MemorySegment ring,
      long address,
      int lengthBytes,
      int stag,
      int valid) {
    SendWqe.fragment(generation, ring, 0, 0, address, lengthBytes, stag, valid);
    SendWqe.remoteOffset(ring, 0, 0);
    SendWqe.header(
        ring,
        0,
        SendWqe.IRDMAQPSQ_OPCODE.of(SendWqe.OP_RDMA_SEND)
            | SendWqe.IRDMAQPSQ_STREAMMODE.mask()
            | SendWqe.IRDMAQPSQ_WAITFORRCVPDU.mask()
            | SendWqe.IRDMAQPSQ_VALID.of(valid));
    rtsEvent(generation, ring, valid);
  }

  /** The ready-to-receive indication as a Read of nothing. */
  public static void readyToReceiveRead(Generation generation, MemorySegment ring, int valid) {
    readyToReceive(generation, ring, SendWqe.OP_RDMA_READ, READ_SINK_STAG, READ_SOURCE_STAG, valid);
  }

  /** The ready-to-receive indication as a Write of nothing. */
  public static void readyToReceiveWrite(Generation generation, MemorySegment ring, int valid) {
    readyToReceive(generation, ring, SendWqe.OP_RDMA_WRITE, 0, 0, valid);
  }

  /** The ready-to-receive indication as a Send of nothing; the vendor's driver has no such. */
  public static void readyToReceiveSend(Generation generation, MemorySegment ring, int valid) {
    readyToReceive(generation, ring, SendWqe.OP_RDMA_SEND, 0, 0, valid);
  }

  /** No indication: the application's first work request is the first FPDU. */
  public static void nothing(Generation generation, MemorySegment ring, int valid) {
    SendWqe.nop(ring, 0, 0, valid);
    rtsEvent(generation, ring, valid);
  }

  private static void readyToReceive(
      Generation generation,
      MemorySegment ring,
      int opcode,
      int localStag,
      int remoteStag,
      int valid) {
    SendWqe.fragment(generation, ring, 0, 0, 0, 0, localStag, valid);
    SendWqe.remoteOffset(ring, 0, 0);
    SendWqe.header(
        ring,
        0,
        SendWqe.IRDMAQPSQ_REMSTAG.of(remoteStag)
            | SendWqe.IRDMAQPSQ_OPCODE.of(opcode)
            | SendWqe.IRDMAQPSQ_VALID.of(valid));
    rtsEvent(generation, ring, valid);
  }

  private static void rtsEvent(Generation generation, MemorySegment ring, int valid) {
    if (generation.hasRtsEvent()) {
      long wqe = SendWqe.QUANTUM_BYTES;
      SendWqe.nop(ring, wqe, SendWqe.IRDMAQPSQ_LOCALFENCE.mask(), valid);
      wqe += SendWqe.QUANTUM_BYTES;
      SendWqe.header(
          ring,
          wqe,
          SendWqe.IRDMAQPSQ_OPCODE.of(SendWqe.OP_GEN_RTS_AE) | SendWqe.IRDMAQPSQ_VALID.of(valid));
    }
  }
}

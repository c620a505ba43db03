package dev.offramp.models.chelsio;

import java.lang.foreign.MemorySegment;

/**
 * FW_RI_WR: into RDMA mode, out of it, and Terminate (t4fw_ri_api.h, struct fw_ri_wr; 128 bytes).
 */
sealed interface RiWr {
  int BYTES = 128;

  /** FW_RI_TYPE_*. */
  int TYPE_INIT = 0;

  int TYPE_FINI = 1;
  int TYPE_TERMINATE = 2;

  /**
   * Into RDMA mode.
   *
   * <pre>
   * 16: type  17: mpareqbit 7, p2ptype 3:0  20: mpa_attrs  21: qp_caps  22: nrqe  24: pdid
   * 28: qpid  32: sq_eqid  36: rq_eqid  40: scqid  44: rcqid  48: ord_max  52: ird_max
   * 56: iss   60: irs      64: hwrqsize 68: hwrqaddr  80: the ready-to-receive work request
   * </pre>
   *
   * @param initiator whether this end sent the MPA Request
   * @param peerToPeer kind of the ready-to-receive indication; {@link #NO_INDICATION} for none
   * @param postedReceives Receives that are in the queue already
   * @param domain protection domain
   * @param queueId what completions name
   * @param sendStart sequence number of the next byte sent
   * @param receiveStart sequence number of the next byte expected
   * @param receiveTableOffset bytes from the start of the RQ table
   * @param indication the ready-to-receive work request, 48 bytes
   */
  record Init(
      boolean initiator,
      int peerToPeer,
      boolean receiveMarkers,
      boolean sendMarkers,
      boolean crc,
      boolean ietf,
      int capabilities,
      int postedReceives,
      int domain,
      int queueId,
      int sendQueue,
      int receiveQueue,
      int sendCq,
      int receiveCq,
      int ordMax,
      int irdMax,
      int sendStart,
      int receiveStart,
      int receiveTableSize,
      int receiveTableOffset,
      MemorySegment indication)
      implements RiWr {
    static final int NO_INDICATION = 0xF;
    static final int CAN_READ = 1;
    static final int CAN_WRITE = 2;
    static final int CAN_BIND = 4;
    static final int CAN_FAST_REGISTER = 8;
    static final int CAN_STAG0 = 16;

    /** In {@link #receiveQueue}: a shared queue's index, not a queue of its own. */
    static final int SHARED = 1 << 31;
  }

  /** Out of RDMA mode. */
  record Fini() implements RiWr {}

  /**
   * A Terminate message to be sent: immdlen at 20, the message at 24, at most 40 bytes.
   *
   * @param message its bytes: layer and type, code, header control, and so on
   */
  record Terminate(MemorySegment message) implements RiWr {}

  static RiWr decode(MemorySegment wr) throws MalformedException {
    WrHeader.require(wr, "FW_RI_WR", BYTES);
    int type = Be.get8(wr, 16);
    return switch (type) {
      case TYPE_INIT -> init(wr);
      case TYPE_FINI -> new Fini();
      case TYPE_TERMINATE -> terminate(wr);
      default -> throw new MalformedException("FW_RI_WR type " + type, "0..2");
    };
  }

  private static Init init(MemorySegment wr) {
    int role = Be.get8(wr, 17);
    int attributes = Be.get8(wr, 20);
    return new Init(
        Be.bit(role, 7),
        Be.bits(role, 0, 4),
        Be.bit(attributes, 0),
        Be.bit(attributes, 1),
        Be.bit(attributes, 2),
        Be.bit(attributes, 3),
        Be.get8(wr, 21),
        Be.get16(wr, 22),
        Be.get32(wr, 24),
        Be.get32(wr, 28),
        Be.get32(wr, 32),
        Be.get32(wr, 36),
        Be.get32(wr, 40),
        Be.get32(wr, 44),
        Be.get32(wr, 48),
        Be.get32(wr, 52),
        Be.get32(wr, 56),
        Be.get32(wr, 60),
        Be.get32(wr, 64),
        Be.get32(wr, 68),
        wr.asSlice(80, 48));
  }

  private static Terminate terminate(MemorySegment wr) throws MalformedException {
    long bytes = Be.getU32(wr, 20);
    if (bytes < 4 || bytes > 40) {
      throw new MalformedException("a Terminate message of " + bytes + " bytes", "4..40");
    }
    return new Terminate(wr.asSlice(24, bytes));
  }
}

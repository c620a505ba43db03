package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * FW_RI_WR: enters RDMA mode, leaves it, or sends a Terminate (t4fw_api.h {@code fw_ri_wr}).
 *
 * <pre>
 *  0  op_compl     4  flowid_len16    8  cookie (host order)
 * 16  type  0 init, 1 fini, 2 terminate
 *
 * init:  17 mpareqbit 7 | p2ptype 3:0     20 mpa_attrs   21 qp_caps   22 nrqe
 *        24 pdid   28 qpid   32 sq_eqid   36 rq_eqid (or SRQ 31 | index)
 *        40 scqid  44 rcqid  48 ord_max   52 ird_max
 *        56 iss    60 irs    64 hwrqsize  68 hwrqaddr
 *        80 the ready-to-receive indication of an Initiator: a WRITE or READ of no bytes
 * terminate:  20 immdlen   24 termmsg: layer 7:4 | etype 3:0, code, hdrct
 * </pre>
 */
public final class FwRiWr extends Flyweight {
  public static final int SIZE_BYTES = 128;

  /** {@code FW_RI_INIT_P2PTYPE_RDMA_WRITE}. */
  public static final int P2P_WRITE = 0;

  /** {@code FW_RI_INIT_P2PTYPE_READ_REQ}. */
  public static final int P2P_READ = 1;

  /** {@code FW_RI_INIT_P2PTYPE_DISABLED}: no ready-to-receive indication. */
  public static final int P2P_DISABLED = 0xF;

  /** The smallest receive queue that the chip keeps. */
  public static final int MIN_HW_RQ = 16;

  /** Sequence numbers of the RQ table have 13 bits. */
  public static final int MAX_HW_RQ = 8192;

  private static final int TYPE = 16;
  private static final int TYPE_FINI = 1;
  private static final int TYPE_TERMINATE = 2;

  private static final Bits MPAREQBIT = Bits.flag("FW_RI_WR_MPAREQBIT", 7);
  private static final Bits P2PTYPE = new Bits("FW_RI_WR_P2PTYPE", 0, 4);

  private static final Bits RX_MARKERS = Bits.flag("FW_RI_MPA_RX_MARKER_ENABLE", 0);
  private static final Bits TX_MARKERS = Bits.flag("FW_RI_MPA_TX_MARKER_ENABLE", 1);
  private static final Bits CRC = Bits.flag("FW_RI_MPA_CRC_ENABLE", 2);
  private static final Bits IETF = Bits.flag("FW_RI_MPA_IETF_ENABLE", 3);

  private static final Bits CAP_READ = Bits.flag("FW_RI_QP_RDMA_READ_ENABLE", 0);
  private static final Bits CAP_WRITE = Bits.flag("FW_RI_QP_RDMA_WRITE_ENABLE", 1);
  private static final Bits CAP_BIND = Bits.flag("FW_RI_QP_BIND_ENABLE", 2);
  private static final Bits CAP_FAST_REGISTER = Bits.flag("FW_RI_QP_FAST_REGISTER_ENABLE", 3);
  private static final Bits CAP_STAG0 = Bits.flag("FW_RI_QP_STAG0_ENABLE", 4);

  private static final int RTR = 80;
  private static final int RTR_LEN16 = RTR + 7;
  private static final int DATA_IMMD = 0x81;
  private static final int SRQ = 1 << 31;

  /** Begins INIT with all fields zero. */
  public FwRiWr init(MemorySegment segment, long offset, int tid, long cookie) {
    return begin(segment, offset, tid, cookie, true);
  }

  private FwRiWr begin(MemorySegment segment, long offset, int tid, long cookie, boolean compl) {
    over(segment, offset);
    zero(SIZE_BYTES);
    putBe32(0, Wr.op(Wr.FW_RI_INIT_WR) | Wr.FW_WR_COMPL.int32(compl));
    putBe32(4, Wr.flow(tid, SIZE_BYTES));
    putLe64(8, cookie);
    return this;
  }

  /**
   * INIT: what MPA start-up agreed.
   *
   * @param initiator the role of this end
   * @param p2pType {@link #P2P_WRITE}, {@link #P2P_READ} or {@link #P2P_DISABLED}
   */
  public FwRiWr mpa(
      boolean initiator, int p2pType, boolean rxMarkers, boolean txMarkers, boolean crc) {
    put8(17, MPAREQBIT.int32(initiator) | P2PTYPE.int32(p2pType));
    put8(
        20,
        RX_MARKERS.int32(rxMarkers)
            | TX_MARKERS.int32(txMarkers)
            | CRC.int32(crc)
            | IETF.int32(true));
    if (initiator) {
      readyToReceive(p2pType);
    }
    return this;
  }

  /**
   * The vendor's {@code build_rtr_msg}: STag and tagged offsets 1, of which nobody takes notice.
   */
  private void readyToReceive(int p2pType) {
    if (p2pType == P2P_WRITE) {
      put8(RTR, Wr.FW_RI_RDMA_WRITE_WR);
      put8(RTR_LEN16, 3);
      putBe32(RTR + 20, 1);
      putBe64(RTR + 24, 1);
      put8(RTR + 32, DATA_IMMD);
    } else if (p2pType == P2P_READ) {
      put8(RTR, Wr.FW_RI_RDMA_READ_WR);
      put8(RTR_LEN16, 3);
      putBe32(RTR + 16, 1);
      putBe32(RTR + 24, 1);
      putBe32(RTR + 32, 1);
      putBe32(RTR + 40, 1);
    }
  }

  /**
   * INIT: the send and the receive queue, which go by the send queue's number.
   *
   * @param trusted whether it may register memory by work requests and use STag 0
   * @param nrqe Receives that are posted already, 0..65535
   */
  public FwRiWr workQueues(boolean trusted, int nrqe, int pdid, int qpid, int sqEqid) {
    put8(
        21,
        CAP_READ.int32(true)
            | CAP_WRITE.int32(true)
            | CAP_BIND.int32(true)
            | CAP_FAST_REGISTER.int32(trusted)
            | CAP_STAG0.int32(trusted));
    putBe16(22, nrqe);
    putBe32(24, pdid);
    putBe32(28, qpid);
    putBe32(32, sqEqid);
    return this;
  }

  /**
   * INIT: a receive queue of its own.
   *
   * @param hwRqSize entries, a power of two
   * @param hwRqAddr its place in the RQ table, from the table's beginning
   */
  public FwRiWr receiveQueue(int rqEqid, int hwRqSize, int hwRqAddr) {
    putBe32(36, rqEqid);
    putBe32(64, hwRqSize);
    putBe32(68, hwRqAddr);
    return this;
  }

  /** INIT: a receive queue that is shared. */
  public FwRiWr sharedReceiveQueue(int index) {
    putBe32(36, SRQ | index);
    return this;
  }

  /** INIT: where completions go. */
  public FwRiWr completionQueues(int scqid, int rcqid) {
    putBe32(40, scqid);
    putBe32(44, rcqid);
    return this;
  }

  /** INIT: Read depths. */
  public FwRiWr depths(int ordMax, int irdMax) {
    putBe32(48, ordMax);
    putBe32(52, irdMax);
    return this;
  }

  /** INIT: where FPDUs begin in each direction's sequence space. */
  public FwRiWr start(int iss, int irs) {
    putBe32(56, iss);
    putBe32(60, irs);
    return this;
  }

  /** Leaves RDMA mode. */
  public FwRiWr fini(MemorySegment segment, long offset, int tid, long cookie) {
    begin(segment, offset, tid, cookie, true);
    put8(TYPE, TYPE_FINI);
    return this;
  }

  /**
   * Sends a Terminate without copied headers; no reply comes.
   *
   * @param layerType layer in the upper four bits, error type in the lower
   */
  public FwRiWr terminate(MemorySegment segment, long offset, int tid, int layerType, int code) {
    begin(segment, offset, tid, 0, false);
    put8(TYPE, TYPE_TERMINATE);
    putBe32(20, 4);
    put8(24, layerType);
    put8(25, code);
    return this;
  }
}

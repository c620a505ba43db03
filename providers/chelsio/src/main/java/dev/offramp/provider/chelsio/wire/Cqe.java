package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * An entry of a completion queue (t4.h {@code t4_cqe}).
 *
 * <pre>
 *  0  header   qpid 31:12 | swcqe 11 | drain 10 | status 9:5 | type 4 (1: SQ) | opcode 3:0
 *  4  len
 *  8  u        RQ: stag 8 | msn 12 | imm_data 16 or abs_rqe_idx 20
 *              SQ: stag 8 | cidx 14 (host order)
 *              drained: drain_cookie 8 (host order)
 * 56  bits_type_ts   genbit 63 | ovfbit 62 | iqtype 61:60 | timestamp 59:0
 * </pre>
 */
public final class Cqe extends Flyweight {
  public static final int SIZE_BYTES = 64;

  // ---- enum fw_ri_wr_opcode
  public static final int FW_RI_RDMA_WRITE = 0x0;
  public static final int FW_RI_READ_REQ = 0x1;
  public static final int FW_RI_READ_RESP = 0x2;
  public static final int FW_RI_SEND = 0x3;
  public static final int FW_RI_SEND_WITH_INV = 0x4;
  public static final int FW_RI_SEND_WITH_SE = 0x5;
  public static final int FW_RI_SEND_WITH_SE_INV = 0x6;
  public static final int FW_RI_TERMINATE = 0x7;
  public static final int FW_RI_FAST_REGISTER = 0xA;
  public static final int FW_RI_LOCAL_INV = 0xB;

  /** The STag of the completion of an Initiator's ready-to-receive Read. */
  public static final int RTR_STAG = 1;

  private static final Bits QPID = new Bits("CQE_QPID", 12, 20);
  private static final Bits SWCQE = Bits.flag("CQE_SWCQE", 11);
  private static final Bits DRAIN = Bits.flag("CQE_DRAIN", 10);
  private static final Bits STATUS = new Bits("CQE_STATUS", 5, 5);
  private static final Bits TYPE = Bits.flag("CQE_TYPE", 4);
  private static final Bits OPCODE = new Bits("CQE_OPCODE", 0, 4);
  private static final Bits GENBIT = Bits.flag("CQE_GENBIT", 63);
  private static final Bits OVFBIT = Bits.flag("CQE_OVFBIT", 62);
  private static final Bits IQTYPE = new Bits("CQE_IQTYPE", 60, 2);
  private static final Bits TS = new Bits("CQE_TS", 0, 60);

  private static final int LAST_FLIT = 56;

  /** The generation is the first bit of the last flit's first byte. */
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  /** Lays it over an entry. */
  public Cqe at(MemorySegment segment, long offset) {
    over(segment, offset);
    return this;
  }

  public int qpid() {
    return QPID.from(be32(0));
  }

  /** Whether the driver made it up. */
  public boolean isSoftware() {
    return SWCQE.isSetIn(be32(0));
  }

  /** Whether it only says that the queue has been drained. */
  public boolean isDrain() {
    return DRAIN.isSetIn(be32(0));
  }

  /** {@link T4Err}. */
  public int status() {
    return STATUS.from(be32(0));
  }

  /** Whether it belongs to the send queue. */
  public boolean isSendQueue() {
    return TYPE.isSetIn(be32(0));
  }

  public int opcode() {
    return OPCODE.from(be32(0));
  }

  /** Its first bytes, to be kept. */
  public byte[] copy(int sizeBytes) {
    return memory().asSlice(base(), sizeBytes).toArray(ValueLayout.JAVA_BYTE);
  }

  /** Payload bytes, unsigned. */
  public int length() {
    return be32(4);
  }

  /** Receive queue: the STag that the message revoked, or that of a Read Response. */
  public int stag() {
    return be32(8);
  }

  /** Receive queue: the message's number. */
  public int msn() {
    return be32(12);
  }

  /** Receive queue: 32 bits of immediate data. */
  public int immediate() {
    return be32(16);
  }

  /** Receive queue: the shared queue's entry. */
  public int absRqeIdx() {
    return be32(20);
  }

  /** Send queue: the request's wrid. */
  public int sqIndex() {
    return le16(14);
  }

  /** Drained: what the request said. */
  public long drainCookie() {
    return le64(8);
  }

  /**
   * Whether the entry has been written in this turn of the ring; when so, all of it can be read.
   */
  public boolean isNew(boolean generation) {
    byte seen = (byte) BYTE.getAcquire(memory(), base() + LAST_FLIT);
    return (seen < 0) == generation;
  }

  /** The last eight bytes, by which an entry that was overwritten shows. */
  public long lastFlit() {
    return be64(LAST_FLIT);
  }

  public boolean generation() {
    return GENBIT.isSetIn(be64(LAST_FLIT));
  }

  /** Whether the queue has overflowed. */
  public boolean overflow() {
    return OVFBIT.isSetIn(be64(LAST_FLIT));
  }

  public int iqType() {
    return (int) IQTYPE.from(be64(LAST_FLIT));
  }

  public long timestamp() {
    return TS.from(be64(LAST_FLIT));
  }
}

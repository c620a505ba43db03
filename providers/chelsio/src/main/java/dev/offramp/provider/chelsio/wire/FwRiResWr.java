package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * FW_RI_RES_WR: makes and ends the queues of RDMA (t4fw_api.h {@code fw_ri_res_wr}, {@code
 * fw_ri_res}).
 *
 * <pre>
 *  0  op_nres    op | compl 21 | nres 7:0
 *  4  len16_pkd
 *  8  cookie     host order
 * 16  res[]      48 bytes each:
 *
 * SQ, RQ:  0 restype   1 op   4 eqid
 *         16 fetchszm_to_iqid  onchip 18 | iqid 15:0
 *         20 dcaen_to_eqsize   fbmin 25:23 | fbmax 22:20 | eqsize 15:0
 *         24 eqaddr
 * CQ:      0 restype   1 op   4 iqid
 *         16 iqandst_to_iqandstindex  iqandst 15 | iqanud 13:12 | iqandstindex 11:0
 *         20 iqdroprss_to_iqesize     iqdroprss 15 | iqpciech 13:12 | iqo 3 | iqesize 1:0
 *         22 iqsize   24 iqaddr
 * </pre>
 *
 * Requests that make queues of a queue pair are one record longer than they need, as iw_cxgb4's.
 */
public final class FwRiResWr extends Flyweight {
  /** A request for an SQ and an RQ, or for the end of both. */
  public static final int QP_BYTES = 160;

  public static final int CQ_BYTES = 64;

  /** Slots of 64 bytes that one entry can take. */
  public static final int SQ_SLOTS = 5;

  public static final int RQ_SLOTS = 2;

  /** The largest size of an egress queue, in slots. */
  public static final int MAX_EQ_SLOTS = 0xFFFF;

  private static final int HEADER_BYTES = 16;
  private static final int RES_BYTES = 48;
  private static final int RES_TYPE_SQ = 0;
  private static final int RES_TYPE_RQ = 1;
  private static final int RES_TYPE_CQ = 2;
  private static final int RES_OP_RESET = 1;

  private static final Bits NRES = new Bits("FW_RI_RES_WR_NRES", 0, 8);
  private static final Bits ONCHIP = Bits.flag("FW_RI_RES_WR_ONCHIP", 18);
  private static final Bits IQID = new Bits("FW_RI_RES_WR_IQID", 0, 16);
  private static final Bits FBMIN = new Bits("FW_RI_RES_WR_FBMIN", 23, 3);
  private static final Bits FBMAX = new Bits("FW_RI_RES_WR_FBMAX", 20, 3);
  private static final Bits EQSIZE = new Bits("FW_RI_RES_WR_EQSIZE", 0, 16);
  private static final Bits IQANDST = Bits.flag("FW_RI_RES_WR_IQANDST", 15);
  private static final Bits IQANUD = new Bits("FW_RI_RES_WR_IQANUD", 12, 2);
  private static final Bits IQANDSTINDEX = new Bits("FW_RI_RES_WR_IQANDSTINDEX", 0, 12);
  private static final Bits IQDROPRSS = Bits.flag("FW_RI_RES_WR_IQDROPRSS", 15);
  private static final Bits IQPCIECH = new Bits("FW_RI_RES_WR_IQPCIECH", 12, 2);
  private static final Bits IQO = Bits.flag("FW_RI_RES_WR_IQO", 3);
  private static final Bits IQESIZE = new Bits("FW_RI_RES_WR_IQESIZE", 0, 2);

  /** Fetch at least 64 bytes. */
  private static final int FBMIN_64B = 2;

  /** Fetch at most 512 bytes; 256 from memory on the chip. */
  private static final int FBMAX_512B = 3;

  private static final int FBMAX_256B = 2;
  private static final int UPDATE_ON_EVENT = 1;
  private static final int PCIECH = 2;
  private static final int ESIZE_64B = 2;
  private static final int ESIZE_32B = 1;

  private int count;
  private int limit;

  /**
   * Begins a request.
   *
   * @param records room for so many, spare ones included
   * @param cookie what the reply echoes
   */
  public FwRiResWr begin(MemorySegment segment, long offset, int records, long cookie) {
    over(segment, offset);
    int size = HEADER_BYTES + RES_BYTES * records;
    zero(size);
    putBe32(4, Wr.FW_WR_LEN16.int32(Wr.len16(size)));
    putLe64(8, cookie);
    count = 0;
    limit = records;
    return this;
  }

  /**
   * Adds a send queue.
   *
   * @param slots its size in units of 64 bytes, status entries included
   * @param cqid where its completions go
   */
  public FwRiResWr sq(int eqid, int slots, long address, int cqid, boolean onChip) {
    long at = next();
    eq(at, eqid, slots, address, cqid, onChip);
    return this;
  }

  /** Adds a receive queue; the parameters are those of a send queue. */
  public FwRiResWr rq(int eqid, int slots, long address, int cqid) {
    long at = next();
    put8(at, RES_TYPE_RQ);
    eq(at, eqid, slots, address, cqid, false);
    return this;
  }

  private void eq(long at, int eqid, int slots, long address, int cqid, boolean onChip) {
    putBe32(at + 4, eqid);
    putBe32(at + 16, ONCHIP.int32(onChip) | IQID.int32(cqid));
    putBe32(
        at + 20,
        FBMIN.int32(FBMIN_64B)
            | FBMAX.int32(onChip ? FBMAX_256B : FBMAX_512B)
            | EQSIZE.int32(slots));
    putBe64(at + 24, address);
  }

  /**
   * Adds a completion queue.
   *
   * @param entries its size in entries, the status page's included
   * @param asyncQueue the absolute id of the queue that is told of events
   * @param entryBytes 64, or 32 for old libraries
   */
  public FwRiResWr cq(int cqid, int entries, long address, int asyncQueue, int entryBytes) {
    long at = next();
    put8(at, RES_TYPE_CQ);
    putBe32(at + 4, cqid);
    putBe32(
        at + 16,
        IQANDST.int32(true) | IQANUD.int32(UPDATE_ON_EVENT) | IQANDSTINDEX.int32(asyncQueue));
    putBe16(
        at + 20,
        IQDROPRSS.int32(true)
            | IQPCIECH.int32(PCIECH)
            | IQO.int32(true)
            | IQESIZE.int32(entryBytes == 32 ? ESIZE_32B : ESIZE_64B));
    putBe16(at + 22, entries);
    putBe64(at + 24, address);
    return this;
  }

  /**
   * Adds the end of a send or receive queue. The vendor's driver leaves that to the firmware, which
   * clears their contexts when the connection leaves RDMA mode; of queues whose connection never
   * was in it nothing is said.
   */
  public FwRiResWr resetWorkQueue(int eqid, boolean send) {
    long at = next();
    put8(at, send ? RES_TYPE_SQ : RES_TYPE_RQ);
    put8(at + 1, RES_OP_RESET);
    putBe32(at + 4, eqid);
    return this;
  }

  /** Adds the end of a completion queue ({@code destroy_cq}). */
  public FwRiResWr resetCq(int cqid) {
    long at = next();
    put8(at, RES_TYPE_CQ);
    put8(at + 1, RES_OP_RESET);
    putBe32(at + 4, cqid);
    return this;
  }

  /** Completes the request, which asks for a reply; returns its length in bytes. */
  public int end() {
    putBe32(0, Wr.op(Wr.FW_RI_RES_WR) | Wr.FW_WR_COMPL.int32(true) | NRES.int32(count));
    return HEADER_BYTES + RES_BYTES * limit;
  }

  private long next() {
    if (count == limit) {
      throw new IllegalStateException("room for [%d] records only".formatted(limit));
    }
    return HEADER_BYTES + (long) RES_BYTES * count++;
  }
}

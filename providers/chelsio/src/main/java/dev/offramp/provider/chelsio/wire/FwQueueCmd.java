package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * The commands that make and free the driver's own queues (t4fw_api.h {@code fw_iq_cmd}, {@code
 * fw_eq_ctrl_cmd}, {@code fw_eq_ofld_cmd}; sge.c, {@code t4_sge_alloc_rxq}, {@code
 * t4_sge_alloc_ctrl_txq}, {@code alloc_ofld_txq}).
 *
 * <pre>
 * all:  0  op_to_vfn       pfn 10:8 | vfn 7:0
 *       4  alloc_to_len16  alloc 31 | free 30 | start 28
 * IQ:   8  physiqid  10 iqid  12 fl0id  14 fl1id
 *      16  type 31:29 | iqasynch 28 | viid 27:16 | iqandst 15 | iqanud 13:12 | iqandstindex 11:0
 *      20  iqpciech 13:12 | iqgtsmode 14 | iqintcntthresh 5:4 | iqesize 1:0       22 iqsize
 *      24  iqaddr
 *      32  iqtype 25:24 | fl0paden 2 | fl0packen 1
 *      36  fl0fbmin 9:7 | fl0fbmax 6:4     38 fl0size     40 fl0addr
 * EQ:   8  eqid 19:0 (control queues: cmpliqid 31:20)     12 physeqid 19:0
 *      16  hostfcmode 21:20 | pciechn 17:16 | fetchro 22 | iqid 15:0
 *      20  fbmin 25:23 | fbmax 22:20 | cidxfthresh 18:16 | eqsize 15:0
 *      24  eqaddr
 * </pre>
 */
public final class FwQueueCmd extends FwCommand {
  private static final int IQ_BYTES = 64;
  private static final int EQ_BYTES = 32;
  private static final int ALLOC = 1 << 31;
  private static final int FREE = 1 << 30;
  private static final int START = 1 << 28;
  private static final int NO_FREE_LIST = 0xFFFF;

  private static final Bits PFN = new Bits("PFN", 8, 3);

  // ---- FW_IQ_CMD
  private static final Bits VIID = new Bits("FW_IQ_CMD_VIID", 16, 12);
  private static final Bits IQASYNCH = Bits.flag("FW_IQ_CMD_IQASYNCH", 28);
  private static final Bits IQANUD = new Bits("FW_IQ_CMD_IQANUD", 12, 2);
  private static final Bits IQANDSTINDEX = new Bits("FW_IQ_CMD_IQANDSTINDEX", 0, 12);
  private static final Bits IQPCIECH = new Bits("FW_IQ_CMD_IQPCIECH", 12, 2);
  private static final Bits IQGTSMODE = Bits.flag("FW_IQ_CMD_IQGTSMODE", 14);
  private static final Bits IQESIZE = new Bits("FW_IQ_CMD_IQESIZE", 0, 2);
  private static final Bits FL0PADEN = Bits.flag("FW_IQ_CMD_FL0PADEN", 2);
  private static final Bits FL0FBMIN = new Bits("FW_IQ_CMD_FL0FBMIN", 7, 3);
  private static final Bits FL0FBMAX = new Bits("FW_IQ_CMD_FL0FBMAX", 4, 3);

  // ---- FW_EQ_*_CMD
  private static final Bits CMPLIQID = new Bits("FW_EQ_CTRL_CMD_CMPLIQID", 20, 12);
  private static final Bits EQID = new Bits("FW_EQ_CMD_EQID", 0, 20);
  private static final Bits HOSTFCMODE = new Bits("FW_EQ_CMD_HOSTFCMODE", 20, 2);
  private static final Bits PCIECHN = new Bits("FW_EQ_CMD_PCIECHN", 16, 2);
  private static final Bits FETCHRO = Bits.flag("FW_EQ_CMD_FETCHRO", 22);
  private static final Bits IQID = new Bits("FW_EQ_CMD_IQID", 0, 16);
  private static final Bits FBMIN = new Bits("FW_EQ_CMD_FBMIN", 23, 3);
  private static final Bits FBMAX = new Bits("FW_EQ_CMD_FBMAX", 20, 3);
  private static final Bits CIDXFTHRESH = new Bits("FW_EQ_CMD_CIDXFTHRESH", 16, 3);
  private static final Bits EQSIZE = new Bits("FW_EQ_CMD_EQSIZE", 0, 16);

  // ---- values, t4_values.h
  private static final int HOSTFCMODE_STATUS_PAGE = 2;
  private static final int CIDXFLUSHTHRESH_32 = 5;
  private static final int FETCHBURSTMAX_512B = 3;
  private static final int FETCHBURSTMAX_256B = 2;
  private static final int ESIZE_64B = 2;
  private static final int UPDATE_ON_EVENT = 1;

  /** What differs between the chips' codes for bursts. */
  private static int burstMin64(boolean t6) {
    return t6 ? 0 : 2;
  }

  private static int burstMinFreeList(boolean t6) {
    return t6 ? 0 : 3;
  }

  /**
   * Makes the queue of messages, with its free list.
   *
   * @param vector its interrupt
   * @param entries of 64 bytes
   * @param freeListSlots the free list's size in units of 64 bytes, status page included
   */
  public FwQueueCmd allocEventQueue(
      MemorySegment buffer,
      int pf,
      boolean t6,
      int viid,
      int channel,
      int vector,
      int entries,
      long address,
      int freeListSlots,
      long freeListAddress) {
    begin(buffer, FW_IQ_CMD, WRITE | EXEC, PFN.int32(pf), ALLOC | START, IQ_BYTES);
    putBe32(
        16,
        IQASYNCH.int32(true)
            | VIID.int32(viid)
            | IQANUD.int32(UPDATE_ON_EVENT)
            | IQANDSTINDEX.int32(vector));
    putBe16(20, IQPCIECH.int32(channel) | IQGTSMODE.int32(true) | IQESIZE.int32(ESIZE_64B));
    putBe16(22, entries);
    putBe64(24, address);
    putBe32(32, FL0PADEN.int32(true));
    putBe16(
        36,
        FL0FBMIN.int32(burstMinFreeList(t6))
            | FL0FBMAX.int32(t6 ? FETCHBURSTMAX_256B : FETCHBURSTMAX_512B));
    putBe16(38, freeListSlots);
    putBe64(40, freeListAddress);
    return this;
  }

  /** The queue's absolute id, by which messages name it. */
  public int absoluteIngressId() {
    return be16(8);
  }

  /** The queue's id in commands and doorbells. */
  public int ingressId() {
    return be16(10);
  }

  /** The free list's id. */
  public int freeListId() {
    return be16(12);
  }

  /** Frees the queue of messages. */
  public FwQueueCmd freeEventQueue(MemorySegment buffer, int pf, int ingressId, int freeListId) {
    begin(buffer, FW_IQ_CMD, EXEC, PFN.int32(pf), FREE, IQ_BYTES);
    putBe16(10, ingressId);
    putBe16(12, freeListId);
    putBe16(14, NO_FREE_LIST);
    return this;
  }

  /**
   * Makes a control queue.
   *
   * @param ingressId where its events and the answers to its requests go
   * @param slots its size in units of 64 bytes, status page included
   */
  public FwQueueCmd allocControlQueue(
      MemorySegment buffer,
      int pf,
      boolean t6,
      int channel,
      int ingressId,
      int slots,
      long address) {
    begin(buffer, FW_EQ_CTRL_CMD, WRITE | EXEC, PFN.int32(pf), ALLOC | START, EQ_BYTES);
    putBe32(8, CMPLIQID.int32(ingressId));
    egress(t6, channel, ingressId, slots, address);
    return this;
  }

  /** Makes an offload queue; the parameters are those of a control queue. */
  public FwQueueCmd allocOffloadQueue(
      MemorySegment buffer,
      int pf,
      boolean t6,
      int channel,
      int ingressId,
      int slots,
      long address) {
    begin(buffer, FW_EQ_OFLD_CMD, WRITE | EXEC, PFN.int32(pf), ALLOC | START, EQ_BYTES);
    egress(t6, channel, ingressId, slots, address);
    return this;
  }

  private void egress(boolean t6, int channel, int ingressId, int slots, long address) {
    putBe32(
        16,
        HOSTFCMODE.int32(HOSTFCMODE_STATUS_PAGE)
            | PCIECHN.int32(channel)
            | FETCHRO.int32(true)
            | IQID.int32(ingressId));
    putBe32(
        20,
        FBMIN.int32(burstMin64(t6))
            | FBMAX.int32(FETCHBURSTMAX_512B)
            | CIDXFTHRESH.int32(CIDXFLUSHTHRESH_32)
            | EQSIZE.int32(slots));
    putBe64(24, address);
  }

  /** The egress queue's id in commands and doorbells. */
  public int egressId() {
    return EQID.from(be32(8));
  }

  /** Frees a control queue. */
  public FwQueueCmd freeControlQueue(MemorySegment buffer, int pf, int egressId) {
    begin(buffer, FW_EQ_CTRL_CMD, EXEC, PFN.int32(pf), FREE, EQ_BYTES);
    putBe32(8, EQID.int32(egressId));
    return this;
  }

  /** Frees an offload queue. */
  public FwQueueCmd freeOffloadQueue(MemorySegment buffer, int pf, int egressId) {
    begin(buffer, FW_EQ_OFLD_CMD, EXEC, PFN.int32(pf), FREE, EQ_BYTES);
    putBe32(8, EQID.int32(egressId));
    return this;
  }
}

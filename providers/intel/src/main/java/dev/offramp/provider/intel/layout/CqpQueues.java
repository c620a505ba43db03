package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * Commands about completion and event queues.
 *
 * <pre>
 * CREATE_CQ, DESTROY_CQ
 * q0 | 20:0 entries
 * q1 | 62:0 context, shifted right by 1
 * q2 | 17:0 shadow read threshold
 * q3 | 61 avoid memory conflict | 60 TPH | 49 CEQ valid | 48 CEQE mask | 47 virtual
 *    | 46 check overflow | 45:44 PBL chunk size | CEQ id and CQ id: {@link Generation}
 * q4 | address of the entries
 * q5 | address of the shadow area
 * q6 | 27:0 first PBL index
 * q7 | 17:8 VSI | 7:0 TPH value
 *
 * CREATE_CEQ, CREATE_AEQ and their DESTROY
 * q2 | 21:0 entries (AEQ: 18:0)
 * q3 | 60 TPH | 47 virtual | 46 ITR does not expire | 45:44 PBL chunk size | 9:0 CEQ id
 * q4 | address of the entries
 * q6 | 27:0 first PBL index
 * q7 | 17:8 VSI | 7:0 TPH value
 * </pre>
 *
 * Source: irdma's ctrl.c, irdma_sc_cq_create, irdma_sc_cq_destroy, irdma_sc_ceq_create,
 * irdma_sc_ceq_destroy, irdma_sc_aeq_create, irdma_sc_aeq_destroy.
 */
public final class CqpQueues {
  public static final BitField IRDMA_CQPSQ_CQ_LPBLSIZE = BitField.bits(44, 45);
  public static final BitField IRDMA_CQPSQ_CQ_CHKOVERFLOW = BitField.bit(46);
  public static final BitField IRDMA_CQPSQ_CQ_VIRTMAP = BitField.bit(47);
  public static final BitField IRDMA_CQPSQ_CQ_ENCEQEMASK = BitField.bit(48);
  public static final BitField IRDMA_CQPSQ_CQ_CEQIDVALID = BitField.bit(49);
  public static final BitField IRDMA_CQPSQ_TPHEN = BitField.bit(60);
  public static final BitField IRDMA_CQPSQ_CQ_AVOIDMEMCNFLCT = BitField.bit(61);
  public static final BitField IRDMA_CQPSQ_CQ_SHADOW_READ_THRESHOLD = BitField.bits(0, 17);
  public static final BitField IRDMA_CQPSQ_CQ_FIRSTPMPBLIDX = BitField.bits(0, 27);
  public static final BitField IRDMA_CQPSQ_CEQ_CEQID = BitField.bits(0, 9);
  public static final BitField IRDMA_CQPSQ_CEQ_ITRNOEXPIRE = BitField.bit(46);
  public static final BitField IRDMA_CQPSQ_TPHVAL = BitField.bits(0, 7);
  public static final BitField IRDMA_CQPSQ_VSIIDX = BitField.bits(8, 17);

  private CqpQueues() {}

  /**
   * Where a queue's entries are: in one piece at an address, or behind a list of pages in the
   * device's memory. For one thread; reused.
   */
  public static final class Place {
    /** The address of the entries; of no account when {@link #virtual}. */
    public long address;

    /** Whether the entries are reached through a page list. */
    public boolean virtual;

    /** 0..3, the vendor's {@code pbl_chunk_size}. */
    public int chunkSize;

    /** Where the page list begins, 28 bits. */
    public int firstPblIndex;
  }

  /**
   * CREATE_CQ.
   *
   * @param context 64 bits with bit 0 clear, given back in CEQEs and AEQEs
   * @param flags masks of this class' flags, {@code CEQIDVALID} among them
   * @param ceqId of account with {@code CEQIDVALID}
   */
  public static void createCq(
      Generation generation,
      MemorySegment ring,
      long wqe,
      int cqId,
      int entries,
      long context,
      Place place,
      long shadowAddress,
      int shadowReadThreshold,
      int ceqId,
      int tphValue,
      int vsi,
      long flags,
      int valid) {
    CqpWqe.begin(ring, wqe);
    cq(ring, wqe, entries, context, shadowAddress);
    Words.put(ring, wqe + CqpWqe.Q2, IRDMA_CQPSQ_CQ_SHADOW_READ_THRESHOLD.of(shadowReadThreshold));
    Words.put(ring, wqe + CqpWqe.Q4, place.virtual ? 0 : place.address);
    Words.put(
        ring,
        wqe + CqpWqe.Q6,
        IRDMA_CQPSQ_CQ_FIRSTPMPBLIDX.of(place.virtual ? place.firstPblIndex : 0));
    Words.put(ring, wqe + CqpWqe.Q7, IRDMA_CQPSQ_TPHVAL.of(tphValue) | IRDMA_CQPSQ_VSIIDX.of(vsi));
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_CREATE_CQ,
        generation.cqId().of(cqId) | cqHeader(generation, place, ceqId, flags),
        valid);
  }

  /** DESTROY_CQ. */
  public static void destroyCq(
      Generation generation,
      MemorySegment ring,
      long wqe,
      int cqId,
      int entries,
      long context,
      Place place,
      long shadowAddress,
      int ceqId,
      long flags,
      int valid) {
    CqpWqe.begin(ring, wqe);
    cq(ring, wqe, entries, context, shadowAddress);
    Words.put(ring, wqe + CqpWqe.Q6, place.virtual ? place.firstPblIndex : 0);
    // The vendor's code puts the id in without the generation's mask here.
    CqpWqe.end(
        ring, wqe, CqpWqe.OP_DESTROY_CQ, cqId | cqHeader(generation, place, ceqId, flags), valid);
  }

  private static void cq(
      MemorySegment ring, long wqe, int entries, long context, long shadowAddress) {
    Words.put(ring, wqe + CqpWqe.Q0, entries);
    Words.put(ring, wqe + CqpWqe.Q1, context >>> 1);
    Words.put(ring, wqe + CqpWqe.Q5, shadowAddress);
  }

  private static long cqHeader(Generation generation, Place place, int ceqId, long flags) {
    return generation.ceqId().of(IRDMA_CQPSQ_CQ_CEQIDVALID.isSetIn(flags) ? ceqId : 0)
        | IRDMA_CQPSQ_CQ_LPBLSIZE.of(place.chunkSize)
        | IRDMA_CQPSQ_CQ_VIRTMAP.of(place.virtual)
        | flags;
  }

  /** CREATE_CEQ; {@code flags} are {@code TPHEN} and {@code ITRNOEXPIRE}. */
  public static void createCeq(
      MemorySegment ring,
      long wqe,
      int ceqId,
      int entries,
      Place place,
      int tphValue,
      int vsi,
      long flags,
      int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, entries);
    Words.put(ring, wqe + CqpWqe.Q4, place.virtual ? 0 : place.address);
    Words.put(ring, wqe + CqpWqe.Q6, place.virtual ? place.firstPblIndex : 0);
    Words.put(ring, wqe + CqpWqe.Q7, IRDMA_CQPSQ_TPHVAL.of(tphValue) | IRDMA_CQPSQ_VSIIDX.of(vsi));
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_CREATE_CEQ,
        IRDMA_CQPSQ_CEQ_CEQID.of(ceqId) | eventQueueHeader(place) | flags,
        valid);
  }

  /** DESTROY_CEQ. */
  public static void destroyCeq(
      MemorySegment ring, long wqe, int ceqId, int entries, Place place, long flags, int valid) {
    destroyEventQueue(ring, wqe, CqpWqe.OP_DESTROY_CEQ, ceqId | flags, entries, place, valid);
  }

  /** CREATE_AEQ. */
  public static void createAeq(MemorySegment ring, long wqe, int entries, Place place, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, entries);
    Words.put(ring, wqe + CqpWqe.Q4, place.virtual ? 0 : place.address);
    Words.put(ring, wqe + CqpWqe.Q6, place.virtual ? place.firstPblIndex : 0);
    CqpWqe.end(ring, wqe, CqpWqe.OP_CREATE_AEQ, eventQueueHeader(place), valid);
  }

  /** DESTROY_AEQ. */
  public static void destroyAeq(MemorySegment ring, long wqe, int entries, Place place, int valid) {
    destroyEventQueue(ring, wqe, CqpWqe.OP_DESTROY_AEQ, 0, entries, place, valid);
  }

  private static void destroyEventQueue(
      MemorySegment ring, long wqe, int opcode, long header, int entries, Place place, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, entries);
    Words.put(ring, wqe + CqpWqe.Q6, place.virtual ? place.firstPblIndex : 0);
    CqpWqe.end(ring, wqe, opcode, header | eventQueueHeader(place), valid);
  }

  private static long eventQueueHeader(Place place) {
    return IRDMA_CQPSQ_CQ_LPBLSIZE.of(place.virtual ? place.chunkSize : 0)
        | IRDMA_CQPSQ_CQ_VIRTMAP.of(place.virtual);
  }
}

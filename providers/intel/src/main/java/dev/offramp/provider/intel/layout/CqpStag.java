package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * Commands about STags.
 *
 * <pre>
 * ALLOC_STAG, REG_MR, DEALLOC_STAG
 * q0 | REG_MR: tagged offset of the first byte, or its offset in its page when zero based
 * q1 | PD: {@link Generation#stagPdId} | 45:0 length
 * q2 | 31:8 STag index | 7:0 STag key
 * q3 | 61 use PF RID | 60 use HMC function | 59 address based | 53 remote | 52:48 rights
 *    | 47:46 page size | 45:44 PBL chunk size | 43 region (not window)
 * q4 | REG_MR: address of the memory
 * q5 | 5:0 HMC function
 * q6 | 27:0 first PBL index
 * </pre>
 *
 * Source: irdma's ctrl.c, irdma_sc_alloc_stag, irdma_sc_mr_reg_non_shared, irdma_sc_dealloc_stag.
 */
public final class CqpStag {
  public static final BitField IRDMA_CQPSQ_STAG_STAGLEN = BitField.bits(0, 45);
  public static final BitField IRDMA_CQPSQ_STAG_KEY = BitField.bits(0, 7);
  public static final BitField IRDMA_CQPSQ_STAG_IDX = BitField.bits(8, 31);
  public static final BitField IRDMA_CQPSQ_STAG_HMCFNIDX = BitField.bits(0, 5);
  public static final BitField IRDMA_CQPSQ_STAG_FIRSTPMPBLIDX = BitField.bits(0, 27);
  public static final BitField IRDMA_CQPSQ_STAG_MR = BitField.bit(43);
  public static final BitField IRDMA_CQPSQ_STAG_LPBLSIZE = BitField.bits(44, 45);
  public static final BitField IRDMA_CQPSQ_STAG_HPAGESIZE = BitField.bits(46, 47);
  public static final BitField IRDMA_CQPSQ_STAG_ARIGHTS = BitField.bits(48, 52);
  public static final BitField IRDMA_CQPSQ_STAG_REMACCENABLED = BitField.bit(53);
  public static final BitField IRDMA_CQPSQ_STAG_VABASEDTO = BitField.bit(59);
  public static final BitField IRDMA_CQPSQ_STAG_USEHMCFNIDX = BitField.bit(60);
  public static final BitField IRDMA_CQPSQ_STAG_USEPFRID = BitField.bit(61);

  public static final int ACCESS_LOCALREAD = 0x01;
  public static final int ACCESS_LOCALWRITE = 0x02;
  public static final int ACCESS_REMOTEREAD_ONLY = 0x04;
  public static final int ACCESS_REMOTEWRITE_ONLY = 0x08;
  public static final int ACCESS_BIND_WINDOW = 0x10;

  private static final int PAGE_2M_BYTES = 1 << 21;
  private static final int PAGE_1G_BYTES = 1 << 30;

  private CqpStag() {}

  /** What is registered. For one thread; reused. */
  public static final class Region {
    /** The STag: index in bits 31:8, key in bits 7:0. */
    public int stag;

    public int pdId;

    /** 46 bits. */
    public long lengthBytes;

    /** A sum of {@link #ACCESS_LOCALREAD} and its neighbours. */
    public int accessRights;

    /** The host's address: what the tagged offset begins with, when address based. */
    public long hostAddress;

    /** Whether tagged offsets are addresses of the host; else they begin at 0. */
    public boolean addressBased;

    /** The device's address of the memory, when there is no page list. */
    public long deviceAddress;

    /** 4096, 2 MiB or 1 GiB. */
    public int pageBytes = 4096;

    /** 0: one piece of memory at {@link #deviceAddress}; 1..3: behind a page list. */
    public int chunkSize;

    public int firstPblIndex;

    /** The HMC function; 6 bits. */
    public int hmcFunction;

    /** {@code USEHMCFNIDX} and {@code USEPFRID}. */
    public long flags;
  }

  /** ALLOC_STAG: an STag without memory. */
  public static void allocate(
      Generation generation,
      MemorySegment ring,
      long wqe,
      Region region,
      boolean remoteAccess,
      int valid) {
    CqpWqe.begin(ring, wqe);
    lengthAndPd(generation, ring, wqe, region);
    Words.put(ring, wqe + CqpWqe.Q2, region.stag & IRDMA_CQPSQ_STAG_IDX.mask());
    Words.put(ring, wqe + CqpWqe.Q5, IRDMA_CQPSQ_STAG_HMCFNIDX.of(region.hmcFunction));
    Words.put(ring, wqe + CqpWqe.Q6, pageList(region));
    CqpWqe.end(ring, wqe, CqpWqe.OP_ALLOC_STAG, header(region, remoteAccess), valid);
  }

  /** REG_MR: an STag for memory. Remote access is what the rights say. */
  public static void register(
      Generation generation, MemorySegment ring, long wqe, Region region, int valid) {
    boolean remoteAccess =
        (region.accessRights & (ACCESS_REMOTEREAD_ONLY | ACCESS_REMOTEWRITE_ONLY)) != 0;
    CqpWqe.begin(ring, wqe);
    Words.put(
        ring,
        wqe + CqpWqe.Q0,
        region.addressBased ? region.hostAddress : region.hostAddress & (region.pageBytes - 1));
    lengthAndPd(generation, ring, wqe, region);
    Words.put(ring, wqe + CqpWqe.Q2, Integer.toUnsignedLong(region.stag));
    Words.put(ring, wqe + CqpWqe.Q4, region.chunkSize == 0 ? region.deviceAddress : 0);
    Words.put(ring, wqe + CqpWqe.Q5, region.hmcFunction);
    Words.put(ring, wqe + CqpWqe.Q6, pageList(region));
    CqpWqe.end(
        ring,
        wqe,
        CqpWqe.OP_REG_MR,
        header(region, remoteAccess) | IRDMA_CQPSQ_STAG_VABASEDTO.of(region.addressBased),
        valid);
  }

  /** DEALLOC_STAG: the STag is void, and the device no longer uses its memory. */
  public static void deallocate(
      Generation generation,
      MemorySegment ring,
      long wqe,
      int stag,
      int pdId,
      boolean isRegion,
      int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q1, generation.stagPdId().of(pdId));
    Words.put(ring, wqe + CqpWqe.Q2, stag & IRDMA_CQPSQ_STAG_IDX.mask());
    CqpWqe.end(ring, wqe, CqpWqe.OP_DEALLOC_STAG, IRDMA_CQPSQ_STAG_MR.of(isRegion), valid);
  }

  private static void lengthAndPd(
      Generation generation, MemorySegment ring, long wqe, Region region) {
    Words.put(
        ring,
        wqe + CqpWqe.Q1,
        IRDMA_CQPSQ_STAG_STAGLEN.of(region.lengthBytes) | generation.stagPdId().of(region.pdId));
  }

  private static long pageList(Region region) {
    return region.chunkSize == 0 ? 0 : IRDMA_CQPSQ_STAG_FIRSTPMPBLIDX.of(region.firstPblIndex);
  }

  private static long header(Region region, boolean remoteAccess) {
    return IRDMA_CQPSQ_STAG_MR.mask()
        | IRDMA_CQPSQ_STAG_ARIGHTS.of(region.accessRights)
        | IRDMA_CQPSQ_STAG_LPBLSIZE.of(region.chunkSize)
        | IRDMA_CQPSQ_STAG_HPAGESIZE.of(pageSizeCode(region.pageBytes))
        | IRDMA_CQPSQ_STAG_REMACCENABLED.of(remoteAccess)
        | region.flags;
  }

  private static int pageSizeCode(int pageBytes) {
    return switch (pageBytes) {
      case PAGE_1G_BYTES -> 2;
      case PAGE_2M_BYTES -> 1;
      default -> 0;
    };
  }
}

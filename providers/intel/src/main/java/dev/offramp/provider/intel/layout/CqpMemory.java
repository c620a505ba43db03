package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * Commands about the host memory cache (HMC), where the device keeps its objects.
 *
 * <pre>
 * QUERY_FPM_VAL, COMMIT_FPM_VAL
 * q2 | 5:0 HMC function     q4 | address of the buffer     q3 | 31:0 its length (COMMIT)
 *
 * UPDATE_PE_SDS: up to three segment descriptors in the command
 * q0 | 31:0 what            q1 | descriptor
 * q2 | 5:0 HMC function
 * q4, q6 | 63 valid, 31:0 what   q5, q7 | descriptor
 *
 * what       | 31 write | 15 | 11:0 number
 * descriptor | 63:12 address | 11:2 pages | 1 direct | 0 valid
 *
 * Buffer of QUERY (words): 0 | 45:32 descriptors, 13:0 first one    1 | 63:32 log2 size, 18:0 QPs
 *                          2 | CQs   4 | hash entries   5 | ARP     6 | regions
 *                          7 | transmit FIFO   8 | 63:32 block, 31:0 list    9 | Q1
 *                          10 | 63:32 block, 31:0 list   11 | timers   14 | PBLs
 *                          15 | 47:32 timer bucket, 19:16 hash multiplier, 9:0 CEQs
 * Buffer of COMMIT: 31:0 how many; comes back with 63:32 base / 512. Words 0, 1, 3 and 4 for what
 *                   QUERY has at 1, 2, 4 and 5; the rest at the same words
 * </pre>
 *
 * Source: irdma's ctrl.c, irdma_sc_query_fpm_val, irdma_sc_commit_fpm_val, cqp_sds_wqe_fill,
 * irdma_sc_parse_fpm_query_buf, irdma_sc_cfg_iw_fpm; hmc.c, irdma_set_sd_entry.
 */
public final class CqpMemory {
  /** {@code IRDMA_QUERY_FPM_BUF_SIZE} and {@code IRDMA_COMMIT_FPM_BUF_SIZE}. */
  public static final int FPM_BUFFER_BYTES = 176;

  /** What a segment descriptor covers. */
  public static final int SEGMENT_BYTES = 1 << 21;

  public static final BitField IRDMA_CQPSQ_BUFSIZE = BitField.bits(0, 31);
  public static final BitField IRDMA_CQPSQ_UPESD_HMCFNID = BitField.bits(0, 5);
  public static final BitField IRDMA_CQPSQ_UPESD_SDCMD = BitField.bits(0, 31);
  public static final BitField IRDMA_PFHMC_SDCMD_PMSDWR = BitField.bit(31);
  public static final BitField IRDMA_PFHMC_SDDATALOW_PMSDVALID = BitField.bit(0);
  public static final BitField IRDMA_PFHMC_SDDATALOW_PMSDTYPE = BitField.bit(1);
  public static final BitField IRDMA_PFHMC_SDDATALOW_PMSDBPCOUNT = BitField.bits(2, 11);

  public static final BitField IRDMA_QUERY_FPM_FIRST_PE_SD_INDEX = BitField.bits(0, 13);
  public static final BitField IRDMA_QUERY_FPM_MAX_PE_SDS = BitField.bits(32, 45);
  public static final BitField IRDMA_QUERY_FPM_MAX_QPS = BitField.bits(0, 18);
  public static final BitField IRDMA_QUERY_FPM_MAX_CQS = BitField.bits(0, 19);
  public static final BitField IRDMA_QUERY_FPM_MAX_CEQS = BitField.bits(0, 9);
  public static final BitField FPM_COUNT = BitField.bits(0, 31);
  public static final BitField FPM_SIZE = BitField.bits(32, 63);

  /** {@code BIT(15)} of irdma_set_sd_entry, which has no name there. */
  private static final long SD_COMMAND_BIT = 1 << 15;

  /** {@code IRDMA_HMC_MAX_BP_COUNT}. */
  private static final int PAGES_OF_SEGMENT = 512;

  private CqpMemory() {}

  /** QUERY_FPM_VAL: what the device could have. */
  public static void query(
      MemorySegment ring, long wqe, int hmcFunction, long bufferAddress, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, hmcFunction);
    Words.put(ring, wqe + CqpWqe.Q4, bufferAddress);
    CqpWqe.end(ring, wqe, CqpWqe.OP_QUERY_FPM_VAL, 0, valid);
  }

  /** COMMIT_FPM_VAL: what it is to have. */
  public static void commit(
      MemorySegment ring, long wqe, int hmcFunction, long bufferAddress, int valid) {
    CqpWqe.begin(ring, wqe);
    Words.put(ring, wqe + CqpWqe.Q2, hmcFunction);
    Words.put(ring, wqe + CqpWqe.Q4, bufferAddress);
    CqpWqe.end(
        ring, wqe, CqpWqe.OP_COMMIT_FPM_VAL, IRDMA_CQPSQ_BUFSIZE.of(FPM_BUFFER_BYTES), valid);
  }

  /**
   * UPDATE_PE_SDS with one segment of contiguous memory.
   *
   * @param number which segment descriptor
   * @param address of the segment; of no account unless {@code present}
   * @param present whether the descriptor is set; else cleared
   */
  public static void segment(
      MemorySegment ring,
      long wqe,
      int hmcFunction,
      int number,
      long address,
      boolean present,
      int valid) {
    long descriptor =
        IRDMA_PFHMC_SDDATALOW_PMSDBPCOUNT.of(PAGES_OF_SEGMENT)
            | IRDMA_PFHMC_SDDATALOW_PMSDTYPE.mask()
            | (present ? address | IRDMA_PFHMC_SDDATALOW_PMSDVALID.mask() : 0);
    CqpWqe.begin(ring, wqe);
    Words.put(
        ring,
        wqe + CqpWqe.Q0,
        IRDMA_CQPSQ_UPESD_SDCMD.of(number | IRDMA_PFHMC_SDCMD_PMSDWR.mask() | SD_COMMAND_BIT));
    Words.put(ring, wqe + CqpWqe.Q1, descriptor);
    Words.put(ring, wqe + CqpWqe.Q2, IRDMA_CQPSQ_UPESD_HMCFNID.of(hmcFunction));
    CqpWqe.end(ring, wqe, CqpWqe.OP_UPDATE_PE_SDS, 0, valid);
  }
}

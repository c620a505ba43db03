package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * A work request in the receive queue: {@code 32 << code} bytes, fragments as in {@link SendWqe}.
 *
 * <pre>
 * q3 | 63 valid | 41:38 fragments besides the first
 * q2 | 0
 * </pre>
 *
 * Source: IRDMAQPRQ_* in irdma's defs.h; uk.c, irdma_uk_post_receive and irdma_get_wqe_shift.
 */
public final class ReceiveWqe {
  public static final BitField IRDMAQPRQ_ADDFRAGCNT = BitField.bits(38, 41);
  public static final BitField IRDMAQPRQ_VALID = BitField.bit(63);

  /** In GEN_1 the kernel's receive WQEs have one size: IRDMA_MAX_RQ_WQE_SHIFT_GEN1. */
  private static final int X722_SIZE_CODE = 2;

  private ReceiveWqe() {}

  /** The size of a queue's WQEs, as log2 of their quanta, for so many fragments. */
  public static int sizeCode(Generation generation, int fragments) {
    if (generation.isFirst()) {
      return X722_SIZE_CODE;
    }
    if (fragments <= 1) {
      return 0;
    }
    if (fragments < 4) {
      return 1;
    }
    return fragments < 8 ? 2 : 3;
  }

  /** Hands the WQE over, after its fragments. */
  public static void end(
      Generation generation, MemorySegment ring, long wqe, int fragments, int valid) {
    int more = SendWqe.endFragments(generation, ring, wqe, fragments, valid);
    SendWqe.remoteOffset(ring, wqe, 0);
    SendWqe.header(ring, wqe, IRDMAQPRQ_ADDFRAGCNT.of(more) | IRDMAQPRQ_VALID.of(valid));
  }
}

package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * FW_PARAMS_CMD: asks for up to seven parameters (t4fw_api.h {@code fw_params_cmd}).
 *
 * <pre>
 *  0  op_to_vfn   pfn 10:8 | vfn 7:0
 *  8  param[7]    mnem 4: kind 31:24 | x 23:16 | y 15:8 | z 7:0     val 4
 * </pre>
 */
public final class FwParamsCmd extends FwCommand {
  public static final int MAX_PARAMS = 7;

  private static final int SIZE_BYTES = 64;
  private static final int PARAM = 8;
  private static final int PARAM_BYTES = 8;
  private static final int MNEM_DEV = 1;
  private static final int MNEM_PFVF = 2;

  private static final Bits PFN = new Bits("FW_PARAMS_CMD_PFN", 8, 3);

  private int count;

  /** A parameter of the device or of the function that asks. */
  public enum Param {
    PORTVEC(MNEM_DEV, 0x01),
    NTID(MNEM_DEV, 0x02),
    FWREV(MNEM_DEV, 0x0B),
    MAXORDIRD_QP(MNEM_DEV, 0x13),
    MAXIRD_ADAPTER(MNEM_DEV, 0x14),
    /** With {@code FW_PARAM_DEV_FILTER_MODE_MASK}. */
    FILTER_MODE_MASK(MNEM_DEV, 0x2E, 1),
    CLIP_START(MNEM_PFVF, 0x03),
    CLIP_END(MNEM_PFVF, 0x04),
    STAG_START(MNEM_PFVF, 0x0D),
    STAG_END(MNEM_PFVF, 0x0E),
    RQ_END(MNEM_PFVF, 0x10),
    PBL_START(MNEM_PFVF, 0x11),
    PBL_END(MNEM_PFVF, 0x12),
    L2T_START(MNEM_PFVF, 0x13),
    L2T_END(MNEM_PFVF, 0x14),
    SQRQ_START(MNEM_PFVF, 0x15),
    SQRQ_END(MNEM_PFVF, 0x16),
    CQ_START(MNEM_PFVF, 0x17),
    CQ_END(MNEM_PFVF, 0x18),
    /** Out of line in the firmware's list, too. */
    RQ_START(MNEM_PFVF, 0x1F),
    IQFLINT_START(MNEM_PFVF, 0x29),
    EQ_START(MNEM_PFVF, 0x2B),
    ACTIVE_FILTER_START(MNEM_PFVF, 0x2D),
    ACTIVE_FILTER_END(MNEM_PFVF, 0x2E);

    private final int mnem;

    Param(int kind, int x) {
      this(kind, x, 0);
    }

    Param(int kind, int x, int y) {
      this.mnem = kind << 24 | x << 16 | y << 8;
    }
  }

  /** Begins a question. */
  public FwParamsCmd query(MemorySegment buffer, int pf) {
    begin(buffer, FW_PARAMS_CMD, READ, PFN.int32(pf), 0, SIZE_BYTES);
    count = 0;
    return this;
  }

  /** Adds a parameter. */
  public FwParamsCmd add(Param param) {
    putBe32(PARAM + (long) PARAM_BYTES * count, param.mnem);
    count++;
    return this;
  }

  /** The value of the n-th parameter, in an answer. */
  public int value(int index) {
    return be32(PARAM + (long) PARAM_BYTES * index + 4);
  }
}

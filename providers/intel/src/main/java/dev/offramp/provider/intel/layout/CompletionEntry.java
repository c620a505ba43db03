package dev.offramp.provider.intel.layout;

/**
 * A completion: 32 bytes, and 32 more when it is extended.
 *
 * <pre>
 * q0 | 63:32 TCP sequence number or RTT | 31:0 payload bytes
 * q1 | completion context of the QP; of the control queue in its own CQ
 * q2 | 55:32 QP id | 31:0 STag that a Send invalidated; result of a command
 * q3 | 63 valid | 62 SQ | 61:56 opcode | 55 error | 54 solicited | 53 STag is there | 51 push dropped
 *    | 50 extended | 46:32 WQE index, quanta | 31:16 major | 15:0 minor code
 * q4 | 31:0 immediate data                    (extended)
 * q7 | 63 valid | 62 immediate data is there  (extended)
 * </pre>
 *
 * Source: IRDMA_CQ_* and IRDMACQ_* in irdma's defs.h; uk.c, irdma_uk_cq_poll_cmpl; ctrl.c,
 * irdma_sc_ccq_get_cqe_info.
 */
public final class CompletionEntry {
  public static final int BYTES = 32;

  public static final BitField IRDMACQ_PAYLDLEN = BitField.bits(0, 31);
  public static final BitField IRDMACQ_TCPSEQNUMRTT = BitField.bits(32, 63);
  public static final BitField IRDMACQ_INVSTAG = BitField.bits(0, 31);
  public static final BitField IRDMACQ_QPID = BitField.bits(32, 55);
  public static final BitField IRDMA_CCQ_OPRETVAL = BitField.bits(0, 31);
  public static final BitField IRDMA_CQ_MINERR = BitField.bits(0, 15);
  public static final BitField IRDMA_CQ_MAJERR = BitField.bits(16, 31);
  public static final BitField IRDMA_CQ_WQEIDX = BitField.bits(32, 46);
  public static final BitField IRDMA_CQ_EXTCQE = BitField.bit(50);
  public static final BitField IRDMACQ_PSHDROP = BitField.bit(51);
  public static final BitField IRDMACQ_STAG = BitField.bit(53);
  public static final BitField IRDMACQ_SOEVENT = BitField.bit(54);
  public static final BitField IRDMA_CQ_ERROR = BitField.bit(55);
  public static final BitField IRDMACQ_OP = BitField.bits(56, 61);
  public static final BitField IRDMA_CQ_SQ = BitField.bit(62);
  public static final BitField IRDMA_CQ_VALID = BitField.bit(63);
  public static final BitField IRDMA_CQ_IMMDATALOW32 = BitField.bits(0, 31);
  public static final BitField IRDMA_CQ_IMMVALID = BitField.bit(62);

  /** Shadow word 4: IRDMA_CQ_DBSA_*. */
  public static final BitField IRDMA_CQ_DBSA_SW_CQ_SELECT = BitField.bits(0, 13);

  public static final BitField IRDMA_CQ_DBSA_ARM_NEXT = BitField.bit(14);
  public static final BitField IRDMA_CQ_DBSA_ARM_NEXT_SE = BitField.bit(15);
  public static final BitField IRDMA_CQ_DBSA_ARM_SEQ_NUM = BitField.bits(16, 17);

  /** {@code IRDMA_FLUSH_MAJOR_ERR}: not executed, and neither is what was posted after it. */
  public static final int MAJOR_FLUSHED = 1;

  /** {@code FLUSH_GENERAL_ERR}: what the rest of a flushed queue gets. */
  public static final int FLUSH_GENERAL_ERR = 1;

  /** {@code IRDMA_CQPSQ_MAJ_ERROR}. */
  public static final int CQP_MAJOR_ERROR = 0xFFFF;

  /** {@code IRDMA_CQPSQ_MAJ_OBJCACHE_ERROR}. */
  public static final int CQP_MAJOR_OBJCACHE = 0xF000;

  /** {@code IRDMA_CQPSQ_MAJ_CNTXTCACHE_ERROR}. */
  public static final int CQP_MAJOR_CNTXTCACHE = 0xF001;

  /** {@code IRDMA_CQPSQ_MIN_STAG_INVALID}. */
  public static final int CQP_MINOR_STAG_INVALID = 1;

  /** {@code IRDMA_CQPSQ_MIN_SUSPEND_PND}. */
  public static final int CQP_MINOR_SUSPEND_PENDING = 5;

  private static final int INVALID_STATE = 0x8002;
  private static final int FLUSH_NO_WQE_PENDING = 0x8006;
  private static final int BAD_CLOSE = 0x8007;
  private static final int LLP_CLOSED = 0x8009;
  private static final int RESET_NOT_SENT = 0x800A;

  /** Where the words stand. */
  public static final int Q0 = 0;

  public static final int Q1 = 8;
  public static final int Q2 = 16;
  public static final int Q3 = 24;

  /** Where a CQ's shadow area holds the head that the host has come to. */
  public static final int SHADOW_HEAD = 0;

  /** Where it holds the request for an event. */
  public static final int SHADOW_ARM = 32;

  /** Bytes of a CQ's, or a QP's, shadow area. */
  public static final int SHADOW_BYTES = 64;

  private CompletionEntry() {}

  /**
   * Whether a command's minor code tells no defect, but that the connection had moved on. Source:
   * irdma's utils.c, irdma_noncrit_err_list.
   */
  public static boolean isHarmless(int minor) {
    return switch (minor) {
      case INVALID_STATE, FLUSH_NO_WQE_PENDING, BAD_CLOSE, LLP_CLOSED, RESET_NOT_SENT -> true;
      default -> false;
    };
  }

  /** Shadow word 4 that asks for the next event, after {@code word}. */
  public static long armed(long word, boolean solicitedOnly) {
    return IRDMA_CQ_DBSA_ARM_SEQ_NUM.of(IRDMA_CQ_DBSA_ARM_SEQ_NUM.in(word) + 1)
        | (word & IRDMA_CQ_DBSA_SW_CQ_SELECT.mask())
        | IRDMA_CQ_DBSA_ARM_NEXT_SE.mask()
        | IRDMA_CQ_DBSA_ARM_NEXT.of(!solicitedOnly);
  }
}

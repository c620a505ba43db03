package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;

/**
 * A command in the control queue: 64 bytes, header in q3.
 *
 * <pre>
 *      63     62..38                 37:32    31..0
 * q3 | valid | of the command      | opcode | of the command
 * </pre>
 *
 * Source: IRDMA_CQPSQ_* and IRDMA_CQP_OP_* in irdma's defs.h.
 */
public final class CqpWqe {
  public static final int BYTES = 64;

  public static final BitField IRDMA_CQPSQ_OPCODE = BitField.bits(32, 37);
  public static final BitField IRDMA_CQPSQ_WQEVALID = BitField.bit(63);

  public static final int OP_CREATE_QP = 0x00;
  public static final int OP_MODIFY_QP = 0x01;
  public static final int OP_DESTROY_QP = 0x02;
  public static final int OP_CREATE_CQ = 0x03;
  public static final int OP_DESTROY_CQ = 0x05;
  public static final int OP_ALLOC_STAG = 0x09;
  public static final int OP_REG_MR = 0x0A;
  public static final int OP_DEALLOC_STAG = 0x0D;
  public static final int OP_MANAGE_LOC_MAC_TABLE = 0x0E;
  public static final int OP_MANAGE_ARP = 0x0F;
  public static final int OP_UPLOAD_CONTEXT = 0x13;
  public static final int OP_ALLOCATE_LOC_MAC_TABLE_ENTRY = 0x14;
  public static final int OP_CREATE_CEQ = 0x16;
  public static final int OP_DESTROY_CEQ = 0x18;
  public static final int OP_CREATE_AEQ = 0x19;
  public static final int OP_DESTROY_AEQ = 0x1B;
  public static final int OP_UPDATE_PE_SDS = 0x1F;
  public static final int OP_QUERY_FPM_VAL = 0x20;
  public static final int OP_COMMIT_FPM_VAL = 0x21;
  public static final int OP_FLUSH_WQES = 0x22;
  public static final int OP_GEN_AE = 0x22;
  public static final int OP_MANAGE_APBVT = 0x23;
  public static final int OP_MANAGE_QUAD_HASH_TABLE_ENTRY = 0x25;
  public static final int OP_SUSPEND_QP = 0x29;
  public static final int OP_RESUME_QP = 0x2A;
  public static final int OP_SHMC_PAGES_ALLOCATED = 0x2B;

  static final int Q0 = 0;
  static final int Q1 = 8;
  static final int Q2 = 16;
  static final int HEADER = 24;
  static final int Q4 = 32;
  static final int Q5 = 40;
  static final int Q6 = 48;
  static final int Q7 = 56;

  private static final int WORDS_BEFORE_HEADER = 3;
  private static final int WORDS_AFTER_HEADER = 4;

  private CqpWqe() {}

  /** Clears all but the header, whose old valid bit still keeps the device away. */
  static void begin(MemorySegment ring, long wqe) {
    Words.clear(ring, wqe, WORDS_BEFORE_HEADER);
    Words.clear(ring, wqe + Q4, WORDS_AFTER_HEADER);
  }

  /** Hands the command over: the header, with all before it visible. */
  static void end(MemorySegment ring, long wqe, int opcode, long fields, int valid) {
    Words.putRelease(
        ring,
        wqe + HEADER,
        fields | IRDMA_CQPSQ_OPCODE.of(opcode) | IRDMA_CQPSQ_WQEVALID.of(valid));
  }

  /** The opcode of the command at {@code wqe}. */
  public static int opcode(MemorySegment ring, long wqe) {
    return IRDMA_CQPSQ_OPCODE.intIn(Words.get(ring, wqe + HEADER));
  }
}

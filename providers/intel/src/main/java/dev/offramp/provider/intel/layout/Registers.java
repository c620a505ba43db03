package dev.offramp.provider.intel.layout;

/**
 * Where a generation has its registers: byte offsets in BAR 0, all 32 bits wide. Names without the
 * vendor's prefix {@code PFPE_} or {@code GLPE_}; source: i40iw_hw.h and icrdma_hw.h.
 *
 * @param wqeAlloc SQ doorbell: QP id
 * @param cqArm CQ arm: CQ id
 * @param cqAck acknowledges a CEQE: CQ id
 * @param aeqAlloc gives AEQEs back: how many
 * @param cqpDb control queue doorbell: head index
 * @param cqpTail control queue tail: index in bits 10:0, error in bit 31
 * @param ccqpHigh upper half of the control queue context's address
 * @param ccqpLow lower half; writing it creates the control queue
 * @param ccqpStatus done in bit 0, error in bit 31
 * @param cqpErrorCodes major code in bits 31:16, minor code in bits 15:0
 * @param criticalError the protocol engine's critical error; 0 while it is well
 */
public record Registers(
    int wqeAlloc,
    int cqArm,
    int cqAck,
    int aeqAlloc,
    int cqpDb,
    int cqpTail,
    int ccqpHigh,
    int ccqpLow,
    int ccqpStatus,
    int cqpErrorCodes,
    int criticalError) {
  /** The BAR that has them all. */
  public static final int BAR = 0;

  /** {@code CQPTAIL_WQTAIL}. */
  public static final BitField CQPTAIL_WQTAIL = BitField.bits(0, 10);

  /** {@code CQPTAIL_CQP_OP_ERR}. */
  public static final BitField CQPTAIL_CQP_OP_ERR = BitField.bit(31);

  /** {@code CCQPSTATUS_CCQP_DONE}. */
  public static final BitField CCQPSTATUS_CCQP_DONE = BitField.bit(0);

  /** {@code CCQPSTATUS_CCQP_ERR}. */
  public static final BitField CCQPSTATUS_CCQP_ERR = BitField.bit(31);

  /** {@code CQPERRCODES_CQP_MAJOR_CODE}. */
  public static final BitField CQPERRCODES_MAJOR = BitField.bits(16, 31);

  /** {@code CQPERRCODES_CQP_MINOR_CODE}. */
  public static final BitField CQPERRCODES_MINOR = BitField.bits(0, 15);
}

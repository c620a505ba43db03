package dev.offramp.models.intel;

/** The control queue's opcodes (irdma's {@code IRDMA_CQP_OP_*}), error codes and states. */
final class CommandCodes {
  static final int CREATE_QP = 0x00;
  static final int MODIFY_QP = 0x01;
  static final int DESTROY_QP = 0x02;
  static final int CREATE_CQ = 0x03;
  static final int DESTROY_CQ = 0x05;
  static final int ALLOC_STAG = 0x09;
  static final int REG_MR = 0x0A;
  static final int DEALLOC_STAG = 0x0D;
  static final int MANAGE_MAC = 0x0E;
  static final int MANAGE_ARP = 0x0F;
  static final int QUERY_FEATURES = 0x12;
  static final int UPLOAD_CONTEXT = 0x13;
  static final int ALLOCATE_MAC = 0x14;
  static final int CREATE_CEQ = 0x16;
  static final int DESTROY_CEQ = 0x18;
  static final int CREATE_AEQ = 0x19;
  static final int DESTROY_AEQ = 0x1B;
  static final int UPDATE_PE_SDS = 0x1F;
  static final int QUERY_FPM = 0x20;
  static final int COMMIT_FPM = 0x21;
  static final int FLUSH_WQES = 0x22;
  static final int MANAGE_APBVT = 0x23;
  static final int NOP = 0x24;
  static final int MANAGE_QUAD_HASH = 0x25;
  static final int SUSPEND_QP = 0x29;
  static final int RESUME_QP = 0x2A;

  // Known to irdma, without effect on what is modelled.
  static final int SHMC_PAGES_ALLOCATED = 0x2B;
  static final int WORK_SCHED_NODE = 0x2C;
  static final int MANAGE_STATS = 0x2D;
  static final int UP_MAP = 0x2F;

  // Major codes (IRDMA_CQPSQ_MAJ_*).
  static final int MAJOR_OBJECT_CACHE = 0xF000;
  static final int MAJOR_CONTEXT_CACHE = 0xF001;
  static final int MAJOR_ERROR = 0xFFFF;

  /** IRDMA_CQPSQ_MIN_STAG_INVALID. */
  static final int MINOR_STAG_INVALID = 1;

  /** IRDMA_CQPSQ_MIN_SUSPEND_PND. */
  static final int MINOR_SUSPEND_PENDING = 5;

  // Minor codes that irdma takes for harmless (irdma_noncrit_err_list).
  static final int MINOR_INVALID_STATE = 0x8002;
  static final int MINOR_NOTHING_TO_FLUSH = 0x8006;
  static final int MINOR_BAD_CLOSE = 0x8007;

  // Minor codes of a flush that succeeds (IRDMA_CQP_COMPL_*_WQE_FLUSHED).
  static final int MINOR_RQ_FLUSHED = 2;
  static final int MINOR_SQ_FLUSHED = 3;

  /** A completed flush of both queues; irdma only compares with the two above and with 0. */
  static final int MINOR_BOTH_FLUSHED = 4;

  // Model decisions: the vendor's numbers for these are not public.
  static final int MINOR_UNKNOWN_COMMAND = 0x0101;
  static final int MINOR_BAD_FIELD = 0x0102;
  static final int MINOR_ID_IN_USE = 0x0103;
  static final int MINOR_ID_UNKNOWN = 0x0104;
  static final int MINOR_STILL_IN_USE = 0x0105;
  static final int MINOR_DMA_FAULT = 0x0106;
  static final int MINOR_NOT_BACKED = 0x0107;
  static final int MINOR_BAD_CONTEXT = 0x0108;
  static final int MINOR_LINK = 0x0109;

  // QP states (IRDMA_QP_STATE_*).
  static final int STATE_IDLE = 1;
  static final int STATE_RTS = 2;
  static final int STATE_CLOSING = 3;
  static final int STATE_TERMINATE = 5;
  static final int STATE_ERROR = 6;

  // QP types (IRDMA_QP_TYPE_*).
  static final int TYPE_IWARP = 1;

  /** Raw packets: what irdma's ILQ is. */
  static final int TYPE_UDA = 2;

  private CommandCodes() {}
}

package dev.offramp.provider.chelsio.wire;

/**
 * What a Terminate says about an error completion: layer, error type and code of RFC 5040, section
 * 4.8. {@link #vendors} is the vendor's own table ({@code build_term_codes}); {@link #of} is what
 * goes out, and differs where that contradicts the RFCs.
 */
public final class TerminateCode {
  /** A local catastrophic error, for want of anything better to say. */
  public static final int WITHOUT_COMPLETION = 0x00_00;

  private static final int RDMAP_PROTECTION = 0x01_00;
  private static final int RDMAP_OPERATION = 0x02_00;
  private static final int DDP_CATASTROPHIC = 0x10_00;
  private static final int DDP_TAGGED = 0x11_00;
  private static final int DDP_UNTAGGED = 0x12_00;

  /** RFC 5044, section 8: layer 2, error type 0. */
  private static final int MPA = 0x20_00;

  /** {@code LAYER_MPA | DDP_LLP}: error type 3. */
  private static final int VENDORS_MPA = 0x23_00;

  private static final int INVALID_STAG = 0x00;
  private static final int PROTECTION_BOUNDS = 0x01;
  private static final int ACCESS_VIOLATION = 0x02;
  private static final int STAG_NOT_ASSOCIATED = 0x03;
  private static final int TO_WRAP = 0x04;
  private static final int OPERATION_VERSION = 0x05;
  private static final int UNEXPECTED_OPCODE = 0x06;
  private static final int CANNOT_INVALIDATE = 0x09;
  private static final int TAGGED_BOUNDS = 0x01;
  private static final int TAGGED_VERSION = 0x04;
  private static final int QUEUE_NUMBER = 0x01;
  private static final int NO_BUFFER = 0x02;
  private static final int MSN_RANGE = 0x03;
  private static final int MESSAGE_OFFSET = 0x04;
  private static final int MESSAGE_TOO_LONG = 0x05;
  private static final int UNTAGGED_VERSION = 0x06;
  private static final int MPA_CRC = 0x02;
  private static final int MPA_MARKER = 0x03;

  private TerminateCode() {}

  /** Whether a Terminate says that a CRC was wrong. */
  public static boolean isCrc(int layer, int code) {
    return layer == MPA >>> 12 && code == MPA_CRC;
  }

  /**
   * Layer and error type in bits 15:8, code in bits 7:0, as the RFCs have them.
   *
   * @param status {@code T4_ERR_*} of the completion
   * @param opcode its operation
   * @param sendQueue whether it belongs to the send queue
   */
  public static int of(int status, int opcode, boolean sendQueue) {
    return switch (status) {
      case T4Err.CRC -> MPA | MPA_CRC;
      case T4Err.MARKER -> MPA | MPA_MARKER;
      // A Read Request beyond the IRD finds no buffer (RFC 5040, section 5.2.2).
      case T4Err.IRD_OVERFLOW -> DDP_UNTAGGED | NO_BUFFER;
      default -> vendors(status, opcode, sendQueue);
    };
  }

  /** The same as iw_cxgb4 has it; parameters as those of {@link #of}. */
  public static int vendors(int status, int opcode, boolean sendQueue) {
    boolean invalidating =
        opcode == Cqe.FW_RI_SEND_WITH_INV || opcode == Cqe.FW_RI_SEND_WITH_SE_INV;
    boolean tagged =
        opcode == Cqe.FW_RI_RDMA_WRITE || (!sendQueue && opcode == Cqe.FW_RI_READ_RESP);
    return switch (status) {
      case T4Err.STAG ->
          invalidating ? RDMAP_OPERATION | CANNOT_INVALIDATE : RDMAP_PROTECTION | INVALID_STAG;
      case T4Err.PDID ->
          RDMAP_PROTECTION | (invalidating ? CANNOT_INVALIDATE : STAG_NOT_ASSOCIATED);
      case T4Err.QPID -> RDMAP_PROTECTION | STAG_NOT_ASSOCIATED;
      case T4Err.ACCESS -> RDMAP_PROTECTION | ACCESS_VIOLATION;
      case T4Err.WRAP -> RDMAP_PROTECTION | TO_WRAP;
      case T4Err.BOUND ->
          tagged ? DDP_TAGGED | TAGGED_BOUNDS : RDMAP_PROTECTION | PROTECTION_BOUNDS;
      case T4Err.INVALIDATE_SHARED_MR, T4Err.INVALIDATE_MR_WITH_MW_BOUND ->
          RDMAP_OPERATION | CANNOT_INVALIDATE;
      case T4Err.OUT_OF_RQE -> DDP_UNTAGGED | NO_BUFFER;
      case T4Err.PBL_ADDR_BOUND -> DDP_TAGGED | TAGGED_BOUNDS;
      case T4Err.CRC -> VENDORS_MPA | MPA_CRC;
      case T4Err.MARKER -> VENDORS_MPA | MPA_MARKER;
      case T4Err.PDU_LEN_ERR -> DDP_UNTAGGED | MESSAGE_TOO_LONG;
      case T4Err.DDP_VERSION ->
          tagged ? DDP_TAGGED | TAGGED_VERSION : DDP_UNTAGGED | UNTAGGED_VERSION;
      case T4Err.RDMA_VERSION -> RDMAP_OPERATION | OPERATION_VERSION;
      case T4Err.OPCODE -> RDMAP_OPERATION | UNEXPECTED_OPCODE;
      case T4Err.DDP_QUEUE_NUM -> DDP_UNTAGGED | QUEUE_NUMBER;
      case T4Err.MSN, T4Err.MSN_GAP, T4Err.MSN_RANGE, T4Err.IRD_OVERFLOW ->
          DDP_UNTAGGED | MSN_RANGE;
      case T4Err.TBIT -> DDP_CATASTROPHIC;
      case T4Err.MO -> DDP_UNTAGGED | MESSAGE_OFFSET;
      default -> WITHOUT_COMPLETION;
    };
  }
}

package dev.offramp.provider.intel;

import dev.offramp.provider.intel.ring.EventCode;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a Terminate says of an event: layer, type and code of RFC 5040, section 4.8, and what the
 * connection's Receives are told.
 *
 * @param layer 0 RDMAP, 1 DDP, 2 MPA
 * @param type within the layer
 * @param code within the type
 * @param reason for people
 */
record TerminateCause(int layer, int type, int code, String reason) {
  /** {@code FLUSH_LOC_LEN_ERR}: a message was longer than the Receive. */
  static final int FLUSH_TOO_LONG = 6;

  /** {@code FLUSH_PROT_ERR}: a local buffer was not valid. */
  static final int FLUSH_PROTECTION = 2;

  private static final int OPCODE_WRITE = 0;
  private static final int OPCODE_SEND_INVALIDATE = 4;
  private static final int OPCODE_SEND_SOLICITED_INVALIDATE = 6;

  private static final Map<Integer, TerminateCause> CAUSES = new HashMap<>();

  static {
    put(EventCode.AMP_INVALID_STAG, 0, 1, 0x00, "invalid STag");
    put(EventCode.AMP_BAD_QP, 1, 2, 0x01, "the STag is of another QP");
    put(EventCode.AMP_RIGHTS_VIOLATION, 0, 1, 0x02, "access rights violation");
    put(
        EventCode.AMP_INVALIDATE_NO_REMOTE_ACCESS_RIGHTS,
        0,
        1,
        0x02,
        "an STag without remote access was to be invalidated");
    put(EventCode.PRIV_OPERATION_DENIED, 0, 1, 0x02, "a privileged operation");
    put(EventCode.AMP_TO_WRAP, 0, 1, 0x04, "tagged offset wraps");
    put(EventCode.LLP_RECEIVED_MPA_CRC_ERROR, 2, 0, 0x02, "MPA CRC error");
    put(
        EventCode.LLP_RECEIVED_MARKER_AND_LENGTH_FIELDS_DONT_MATCH,
        2,
        0,
        0x03,
        "MPA marker and length do not match");
    put(EventCode.LLP_SEGMENT_TOO_SMALL, 1, 0, 0x00, "a segment that is too small");
    put(EventCode.LCE_QP_CATASTROPHIC, 1, 0, 0x00, "catastrophic error of the QP");
    put(EventCode.DDP_NO_L_BIT, 1, 0, 0x00, "a message without its last segment");
    put(EventCode.DDP_INVALID_MSN_GAP_IN_MSN, 1, 2, 0x03, "MSN out of range");
    put(
        EventCode.DDP_UBE_DDP_MESSAGE_TOO_LONG_FOR_AVAILABLE_BUFFER,
        1,
        2,
        0x05,
        "a message longer than the posted buffers");
    put(EventCode.DDP_UBE_INVALID_MO, 1, 2, 0x04, "message offset");
    put(EventCode.DDP_UBE_INVALID_MSN_NO_BUFFER_AVAILABLE, 1, 2, 0x02, "no Receive is posted");
    put(EventCode.DDP_UBE_INVALID_QN, 1, 2, 0x01, "queue number");
    put(EventCode.RDMAP_ROE_INVALID_RDMAP_VERSION, 0, 2, 0x05, "RDMAP version");
    put(EventCode.RDMAP_ROE_UNEXPECTED_OPCODE, 0, 2, 0x06, "unexpected opcode");
    put(EventCode.RREQ_AND_Q1_FULL, 1, 2, 0x02, "more Reads at once than the IRD");
  }

  private static void put(int event, int layer, int type, int code, String reason) {
    CAUSES.put(event, new TerminateCause(layer, type, code, reason));
  }

  /**
   * The cause that an event stands for. Source: irdma's ctrl.c, irdma_bld_terminate_hdr; what that
   * does not tell apart is told as the RFCs have it.
   *
   * @param packet the packet that it is about; null when the device kept none
   */
  static TerminateCause of(DeviceEvent event, @Nullable BadFrame packet) {
    int opcode = packet == null ? -1 : packet.opcode();
    boolean tagged = packet != null && packet.isTagged();
    return switch (event.code()) {
      case EventCode.AMP_UNALLOCATED_STAG ->
          opcode == OPCODE_WRITE
              ? new TerminateCause(1, 1, 0x00, "invalid STag of a Write")
              : new TerminateCause(0, 1, 0x00, "invalid STag");
      case EventCode.AMP_BOUNDS_VIOLATION ->
          tagged
              ? new TerminateCause(1, 1, 0x01, "a Write out of bounds")
              : new TerminateCause(0, 1, 0x01, "base or bounds violation");
      case EventCode.AMP_BAD_PD -> {
        if (opcode == OPCODE_WRITE) {
          yield new TerminateCause(1, 1, 0x02, "a Write to another stream's STag");
        }
        yield isInvalidate(opcode)
            ? new TerminateCause(0, 1, 0x09, "another stream's STag cannot be invalidated")
            : new TerminateCause(0, 1, 0x03, "another stream's STag");
      }
      case EventCode.AMP_BAD_STAG_KEY, EventCode.AMP_BAD_STAG_INDEX ->
          isInvalidate(opcode)
              ? new TerminateCause(0, 2, 0x09, "the STag cannot be invalidated")
              : new TerminateCause(0, 1, 0x00, "invalid STag");
      case EventCode.DDP_UBE_INVALID_DDP_VERSION ->
          tagged
              ? new TerminateCause(1, 1, 0x04, "DDP version")
              : new TerminateCause(1, 2, 0x06, "DDP version");
      default -> {
        TerminateCause known = CAUSES.get(event.code());
        yield known != null
            ? known
            : new TerminateCause(0, 2, 0xFF, event + ", which this driver does not know");
      }
    };
  }

  private static boolean isInvalidate(int opcode) {
    return opcode == OPCODE_SEND_INVALIDATE || opcode == OPCODE_SEND_SOLICITED_INVALIDATE;
  }
}

package dev.offramp.models.intel;

import dev.offramp.iwarp.rdmap.TerminateCause;
import java.util.Set;

/** Asynchronous events: codes and sources of irdma's {@code IRDMA_AE_*}. */
final class EventCodes {
  static final int UNALLOCATED_STAG = 0x102;
  static final int INVALID_STAG = 0x103;
  static final int BAD_QP = 0x104;
  static final int BAD_PD = 0x105;
  static final int BAD_STAG_KEY = 0x106;
  static final int BAD_STAG_INDEX = 0x107;
  static final int BOUNDS_VIOLATION = 0x108;
  static final int RIGHTS_VIOLATION = 0x109;
  static final int TO_WRAP = 0x10A;
  static final int INVALIDATE_NO_RIGHTS = 0x112;
  static final int PRIV_OPERATION_DENIED = 0x11C;
  static final int ROE_BAD_LLP_CLOSE = 0x202;
  static final int CQ_OPERATION_ERROR = 0x203;
  static final int READ_WHILE_ORD_ZERO = 0x205;
  static final int STAG_ZERO_INVALID = 0x206;
  static final int WQE_UNEXPECTED_OPCODE = 0x20A;
  static final int WQE_INVALID_PARAMETER = 0x20B;
  static final int WQE_INVALID_FRAGMENT = 0x20C;
  static final int WQE_LSMM_TOO_LONG = 0x220;
  static final int INVALID_MSN = 0x301;
  static final int MESSAGE_TOO_LONG = 0x303;
  static final int INVALID_DDP_VERSION = 0x304;
  static final int INVALID_MO = 0x305;
  static final int NO_BUFFER = 0x306;
  static final int INVALID_QN = 0x307;
  static final int INVALID_RDMAP_VERSION = 0x311;
  static final int UNEXPECTED_OPCODE = 0x312;
  static final int INVALID_READ_REQUEST = 0x313;
  static final int CLOSE_COMPLETE = 0x501;
  static final int CONNECTION_RESET = 0x502;
  static final int FIN_RECEIVED = 0x503;
  static final int MARKER_MISMATCH = 0x504;
  static final int CRC_ERROR = 0x505;
  static final int SYN_RECEIVED = 0x508;
  static final int TERMINATE_RECEIVED = 0x509;
  static final int TOO_MANY_RETRIES = 0x50A;
  static final int CONNECTION_ESTABLISHED = 0x50E;
  static final int RESOURCE_EXHAUSTION = 0x520;
  static final int RESET_SENT = 0x601;

  /** A reset was asked for, and there was no connection any more. */
  static final int RESET_NOT_SENT = 0x603;

  static final int TERMINATE_SENT = 0x602;
  static final int QP_CATASTROPHIC = 0x700;
  static final int CQ_CATASTROPHIC = 0x702;
  static final int SUSPEND_COMPLETE = 0x900;

  static final int SOURCE_NONE = 0;
  static final int SOURCE_RQ = 1;
  static final int SOURCE_CQ = 2;
  static final int SOURCE_SQ = 5;
  static final int SOURCE_INCOMING = 9;

  /** The peer may be out of reach; nothing has ended. */
  static final int DOUBT_REACHABILITY = 0x50C;

  /** The highest code that irdma knows is 0x900. */
  private static final int LAST_KNOWN = 0x900;

  private static final int FIRST_OF_HOST = 0x380;

  private static final Set<Integer> HARMLESS =
      Set.of(
          FIN_RECEIVED,
          CONNECTION_ESTABLISHED,
          TERMINATE_SENT,
          SUSPEND_COMPLETE,
          DOUBT_REACHABILITY,
          SYN_RECEIVED,
          RESOURCE_EXHAUSTION,
          RESET_NOT_SENT);

  private EventCodes() {}

  /** Whether a connection cannot go on after such an event; nobody knows of unknown ones. */
  static boolean isFatal(int code) {
    return code <= LAST_KNOWN && !HARMLESS.contains(code);
  }

  /** Whether its context is a CQ's. */
  static boolean isAboutCq(int code) {
    return code == CQ_OPERATION_ERROR || code == CQ_CATASTROPHIC;
  }

  /** Where it comes from when nothing is known: 1xx to 3xx are about what the peer has sent. */
  static int usualSource(int code) {
    return code < FIRST_OF_HOST || code == MARKER_MISMATCH ? SOURCE_INCOMING : SOURCE_NONE;
  }

  /** What the device says of an error that it found in the peer's segments. */
  static int of(TerminateCause cause) {
    return switch (cause) {
      case REMOTE_INVALID_STAG, TAGGED_INVALID_STAG -> INVALID_STAG;
      case REMOTE_BOUNDS, TAGGED_BOUNDS -> BOUNDS_VIOLATION;
      case REMOTE_ACCESS -> RIGHTS_VIOLATION;
      case REMOTE_STAG_OF_OTHER_STREAM, TAGGED_STAG_OF_OTHER_STREAM -> BAD_PD;
      case REMOTE_OFFSET_WRAP, TAGGED_OFFSET_WRAP -> TO_WRAP;
      case REMOTE_CANNOT_INVALIDATE, OPERATION_CANNOT_INVALIDATE -> INVALIDATE_NO_RIGHTS;
      case TAGGED_DDP_VERSION, UNTAGGED_DDP_VERSION -> INVALID_DDP_VERSION;
      case UNTAGGED_INVALID_QN -> INVALID_QN;
      case UNTAGGED_NO_BUFFER -> NO_BUFFER;
      case UNTAGGED_MSN_RANGE -> INVALID_MSN;
      case UNTAGGED_INVALID_MO -> INVALID_MO;
      case UNTAGGED_MESSAGE_TOO_LONG -> MESSAGE_TOO_LONG;
      case RDMAP_VERSION -> INVALID_RDMAP_VERSION;
      case UNEXPECTED_OPCODE -> UNEXPECTED_OPCODE;
      case OPERATION_UNSPECIFIED -> INVALID_READ_REQUEST;
      case LLP_CRC -> CRC_ERROR;
      case LLP_MARKER -> MARKER_MISMATCH;
      case RDMAP_LOCAL_CATASTROPHIC,
          REMOTE_PROTECTION_UNSPECIFIED,
          STREAM_CATASTROPHIC,
          GLOBAL_CATASTROPHIC,
          DDP_LOCAL_CATASTROPHIC,
          LLP_CLOSED,
          LLP_STARTUP_FRAME,
          LLP_LOCAL_CATASTROPHIC,
          LLP_INSUFFICIENT_IRD,
          LLP_NO_MATCHING_RTR ->
          QP_CATASTROPHIC;
    };
  }
}

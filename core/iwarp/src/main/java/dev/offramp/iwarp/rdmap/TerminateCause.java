package dev.offramp.iwarp.rdmap;

import java.util.Optional;

/**
 * The registered causes of a Terminate (RFC 6580, section 3; RFC 5040, section 4.8; RFC 5041,
 * section 7.2; RFC 5044, section 8; RFC 6581, section 9; RFC 7306, section 8). Only these are ever
 * sent.
 */
public enum TerminateCause {
  RDMAP_LOCAL_CATASTROPHIC(0, 0, 0x00),
  REMOTE_INVALID_STAG(0, 1, 0x00),
  REMOTE_BOUNDS(0, 1, 0x01),
  REMOTE_ACCESS(0, 1, 0x02),
  REMOTE_STAG_OF_OTHER_STREAM(0, 1, 0x03),
  REMOTE_OFFSET_WRAP(0, 1, 0x04),
  REMOTE_CANNOT_INVALIDATE(0, 1, 0x09),
  REMOTE_PROTECTION_UNSPECIFIED(0, 1, 0xFF),
  RDMAP_VERSION(0, 2, 0x05),
  UNEXPECTED_OPCODE(0, 2, 0x06),
  /** Catastrophic, localized to the stream; RFC 7306 also uses it for a misaligned atomic. */
  STREAM_CATASTROPHIC(0, 2, 0x07),
  GLOBAL_CATASTROPHIC(0, 2, 0x08),
  OPERATION_CANNOT_INVALIDATE(0, 2, 0x09),
  OPERATION_UNSPECIFIED(0, 2, 0xFF),
  DDP_LOCAL_CATASTROPHIC(1, 0, 0x00),
  TAGGED_INVALID_STAG(1, 1, 0x00),
  TAGGED_BOUNDS(1, 1, 0x01),
  TAGGED_STAG_OF_OTHER_STREAM(1, 1, 0x02),
  TAGGED_OFFSET_WRAP(1, 1, 0x03),
  TAGGED_DDP_VERSION(1, 1, 0x04),
  UNTAGGED_INVALID_QN(1, 2, 0x01),
  UNTAGGED_NO_BUFFER(1, 2, 0x02),
  UNTAGGED_MSN_RANGE(1, 2, 0x03),
  UNTAGGED_INVALID_MO(1, 2, 0x04),
  UNTAGGED_MESSAGE_TOO_LONG(1, 2, 0x05),
  UNTAGGED_DDP_VERSION(1, 2, 0x06),
  LLP_CLOSED(2, 0, 0x01),
  LLP_CRC(2, 0, 0x02),
  LLP_MARKER(2, 0, 0x03),
  LLP_STARTUP_FRAME(2, 0, 0x04),
  LLP_LOCAL_CATASTROPHIC(2, 0, 0x05),
  LLP_INSUFFICIENT_IRD(2, 0, 0x06),
  LLP_NO_MATCHING_RTR(2, 0, 0x07);

  private static final TerminateCause[] ALL = values();

  private final int layer;
  private final int type;
  private final int code;

  TerminateCause(int layer, int type, int code) {
    this.layer = layer;
    this.type = type;
    this.code = code;
  }

  public int layer() {
    return layer;
  }

  public int type() {
    return type;
  }

  public int code() {
    return code;
  }

  /** The registered cause with these numbers. */
  public static Optional<TerminateCause> of(int layer, int type, int code) {
    for (TerminateCause cause : ALL) {
      if (cause.layer == layer && cause.type == type && cause.code == code) {
        return Optional.of(cause);
      }
    }
    return Optional.empty();
  }
}

package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Terminate;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A packet that the device kept in the Q2 buffer because an event is about it: Ethernet, IP, TCP,
 * and then the FPDU. Everything in it came from the wire, so nothing in it is believed. Source:
 * irdma's ctrl.c, irdma_locate_mpa, irdma_terminate_received; the vendor's code knows IPv4 only.
 */
final class BadFrame {
  /** {@code Q2_BAD_FRAME_OFFSET}. */
  static final int OFFSET = 72;

  private static final int ETHERNET_BYTES = 14;
  private static final int IPV6_BYTES = 40;
  private static final int TCP_DATA_OFFSET = 12;
  private static final int LENGTH_BYTES = 2;
  private static final int UNTAGGED_BYTES = 18;
  private static final int TAGGED_BYTES = 14;
  private static final int READ_REQUEST_BYTES = 28;
  private static final int TAGGED = 0x80;
  private static final int OPCODE_MASK = 0x0F;
  private static final int OPCODE_READ_REQUEST = 1;
  private static final int OPCODE_TERMINATE = 7;
  private static final int QUEUE_OFFSET = 6;
  private static final int MSN_OFFSET = 10;
  private static final int TERMINATE_QUEUE = 2;
  private static final int TERMINATE_HEADER_BYTES = 4;

  /** M, D and R of a Terminate (RFC 5040, section 4.8). */
  private static final int HAS_LENGTH = 0x80;

  private static final int HAS_DDP = 0x40;
  private static final int HAS_RDMAP = 0x20;

  /** From the FPDU's length on. */
  private final byte[] fpdu;

  private BadFrame(byte[] fpdu) {
    this.fpdu = fpdu;
  }

  /** The packet in a Q2 buffer; null when there is none that could be one. */
  static @Nullable BadFrame in(MemorySegment q2) {
    byte[] bytes = q2.asSlice(OFFSET).toArray(ValueLayout.JAVA_BYTE);
    int at = ETHERNET_BYTES;
    int version = bytes[at] >> 4 & 0x0F;
    if (version == 4) {
      at += (bytes[at] & 0x0F) * 4;
    } else if (version == 6) {
      at += IPV6_BYTES;
    } else {
      return null;
    }
    if (at + TCP_DATA_OFFSET >= bytes.length) {
      return null;
    }
    at += (bytes[at + TCP_DATA_OFFSET] >> 4 & 0x0F) * 4;
    if (at + LENGTH_BYTES + TAGGED_BYTES > bytes.length) {
      return null;
    }
    byte[] fpdu = new byte[bytes.length - at];
    System.arraycopy(bytes, at, fpdu, 0, fpdu.length);
    return new BadFrame(fpdu);
  }

  private int octet(int at) {
    return at < fpdu.length ? Byte.toUnsignedInt(fpdu[at]) : 0;
  }

  private int word(int at) {
    return octet(at) << 24 | octet(at + 1) << 16 | octet(at + 2) << 8 | octet(at + 3);
  }

  boolean isTagged() {
    return (octet(LENGTH_BYTES) & TAGGED) != 0;
  }

  /** The RDMAP opcode. */
  int opcode() {
    return octet(LENGTH_BYTES + 1) & OPCODE_MASK;
  }

  /** What a Terminate of the peer's says; null when this is none. */
  @Nullable Terminate terminate() {
    int header = LENGTH_BYTES + UNTAGGED_BYTES;
    if (isTagged()
        || opcode() != OPCODE_TERMINATE
        || word(LENGTH_BYTES + QUEUE_OFFSET) != TERMINATE_QUEUE
        || header + TERMINATE_HEADER_BYTES > fpdu.length) {
      return null;
    }
    int end = Math.min(LENGTH_BYTES + (octet(0) << 8 | octet(1)), fpdu.length);
    int from = header + TERMINATE_HEADER_BYTES;
    int flags = octet(header + 2);
    if ((flags & HAS_LENGTH) != 0) {
      from += LENGTH_BYTES;
    }
    int length = 0;
    if ((flags & HAS_DDP) != 0) {
      length = (octet(from) & TAGGED) != 0 ? TAGGED_BYTES : UNTAGGED_BYTES;
      length += (flags & HAS_RDMAP) != 0 ? READ_REQUEST_BYTES : 0;
    }
    byte[] headers = new byte[Math.max(0, Math.min(length, end - from))];
    System.arraycopy(fpdu, Math.min(from, fpdu.length), headers, 0, headers.length);
    return new Terminate(
        octet(header) >> 4, octet(header) & 0x0F, octet(header + 1), Octets.copyOf(headers));
  }

  /**
   * Whether a Terminate is about a message of this end's.
   *
   * @param terminate with the headers that the peer copied
   * @param read about a Read Request; else about a Send
   * @param msn the message's number
   */
  static boolean isAbout(Terminate terminate, boolean read, int msn) {
    byte[] headers = terminate.headers().toByteArray();
    if (headers.length < UNTAGGED_BYTES || (headers[0] & TAGGED) != 0) {
      return false;
    }
    BadFrame copy = new BadFrame(headers);
    boolean isRead = (headers[1] & OPCODE_MASK) == OPCODE_READ_REQUEST;
    return isRead == read && copy.word(MSN_OFFSET) == msn;
  }
}

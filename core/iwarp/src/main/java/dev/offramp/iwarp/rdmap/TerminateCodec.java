package dev.offramp.iwarp.rdmap;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Terminate;
import java.nio.ByteBuffer;

/**
 * The payload of a Terminate message (RFC 5040, section 4.8).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------+-------+---------------+-+-+-+-------------------------+
 * | Layer | EType |  Error Code   |M|D|R|        reserved         |
 * +-------+-------+---------------+-+-+-+-------------------------+
 * | DDP Segment Length (if M)     |  terminated DDP header (if D) |
 * +-------------------------------+                               +
 * |                              ...                              |
 * +---------------------------------------------------------------+
 * |                terminated RDMAP header (if R)                 |
 * +---------------------------------------------------------------+
 * </pre>
 *
 * <p>Linux siw swaps the halves of the first octet and puts R, D and M at the low end of the third;
 * {@link #decode} recognises that.
 */
public final class TerminateCodec {
  /** The control field. */
  public static final int CONTROL_BYTES = 4;

  /** The longest payload: control, length, untagged DDP header, Read Request header. */
  public static final int MAX_BYTES = CONTROL_BYTES + 2 + 18 + ReadRequestHeader.BYTES;

  private static final int FLAG_M = 0x80;
  private static final int FLAG_D = 0x40;
  private static final int FLAG_R = 0x20;
  private static final int FLAGS = FLAG_M | FLAG_D | FLAG_R;
  private static final int SIW_FLAGS = 0x07;

  private static final int CODE_OFFSET = 1;
  private static final int FLAGS_OFFSET = 2;
  private static final int HEADERS_OFFSET = CONTROL_BYTES;
  private static final int LENGTH_BYTES = 2;

  private TerminateCodec() {}

  /** Writes the control field of a Terminate without headers; returns its length. */
  public static int put(ByteBuffer to, TerminateCause cause) {
    return putControl(to, cause, 0);
  }

  /**
   * Writes a Terminate with the headers of the offending segment.
   *
   * @param to where, from position 0, with room for {@link #MAX_BYTES}
   * @param cause what was wrong
   * @param segment where the segment is
   * @param offset its first byte
   * @param segmentBytes its length
   * @param ddpHeaderBytes how long its DDP header is
   * @param rdmapHeaderBytes how long its RDMAP header is: 28 for a Read Request, else 0
   * @return the payload's length
   */
  public static int put(
      ByteBuffer to,
      TerminateCause cause,
      ByteBuffer segment,
      int offset,
      int segmentBytes,
      int ddpHeaderBytes,
      int rdmapHeaderBytes) {
    int flags = FLAG_M | FLAG_D | (rdmapHeaderBytes > 0 ? FLAG_R : 0);
    int length = putControl(to, cause, flags);
    to.putShort(length, (short) segmentBytes);
    length += LENGTH_BYTES;
    to.put(length, segment, offset, ddpHeaderBytes + rdmapHeaderBytes);
    return length + ddpHeaderBytes + rdmapHeaderBytes;
  }

  /**
   * Reads a Terminate in the RFC's form or in siw's. Never fails: what is missing is absent.
   *
   * @param bytes where the payload is
   * @param offset its first byte
   * @param length its length
   */
  public static Terminate decode(ByteBuffer bytes, int offset, int length) {
    if (length < CONTROL_BYTES) {
      return new Terminate(0, 0, 0, Octets.empty());
    }
    int first = bytes.get(offset) & 0xFF;
    int high = first >> 4;
    int low = first & 0x0F;
    int code = bytes.get(offset + CODE_OFFSET) & 0xFF;
    int flags = bytes.get(offset + FLAGS_OFFSET) & 0xFF;
    int headersAt = HEADERS_OFFSET + LENGTH_BYTES;
    boolean headers = (flags & (FLAGS | SIW_FLAGS)) != 0 && length > headersAt;
    Octets copied =
        headers
            ? Octets.copyOf(bytes.slice(offset + headersAt, length - headersAt))
            : Octets.empty();
    return isSwapped(high, low, code, flags)
        ? new Terminate(low, high, code, copied)
        : new Terminate(high, low, code, copied);
  }

  /**
   * Whether the sender was siw. With no flag set only the numbers can tell: a triple that is
   * registered in one reading only is that one, and the RFC's where both are.
   */
  private static boolean isSwapped(int high, int low, int code, int flags) {
    if ((flags & FLAGS) != 0) {
      return false;
    }
    if ((flags & SIW_FLAGS) != 0) {
      return true;
    }
    return TerminateCause.of(high, low, code).isEmpty()
        && TerminateCause.of(low, high, code).isPresent();
  }

  private static int putControl(ByteBuffer to, TerminateCause cause, int flags) {
    to.put(0, (byte) (cause.layer() << 4 | cause.type()));
    to.put(CODE_OFFSET, (byte) cause.code());
    to.putShort(FLAGS_OFFSET, (short) (flags << 8));
    return CONTROL_BYTES;
  }
}

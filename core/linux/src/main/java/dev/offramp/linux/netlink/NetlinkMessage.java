package dev.offramp.linux.netlink;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One message of a netlink datagram (include/uapi/linux/netlink.h). Numbers are in the byte order
 * of the host, for which the order of the buffer stands.
 *
 * <pre>
 * struct nlmsghdr: u32 len (header included), u16 type, u16 flags, u32 seq, u32 pid
 * </pre>
 *
 * @param type NLMSG_* or RTM_*
 * @param flags NLM_F_*
 * @param sequence that of the request, as an unsigned number
 * @param payload the bytes behind the header; position 0, read-only
 */
public record NetlinkMessage(int type, int flags, int sequence, ByteBuffer payload) {
  static final int HEADER_BYTES = 16;
  static final int NLMSG_ERROR = 2;
  static final int NLMSG_DONE = 3;

  private static final int ALIGNMENT = 4;

  /**
   * The messages of one datagram.
   *
   * @param datagram from its position to its limit; neither is changed
   * @throws NetlinkFormatException when a length does not fit
   */
  public static List<NetlinkMessage> parse(ByteBuffer datagram) throws NetlinkFormatException {
    ByteBuffer in = datagram.slice().asReadOnlyBuffer().order(datagram.order());
    List<NetlinkMessage> messages = new ArrayList<>();
    int at = 0;
    while (at < in.limit()) {
      int left = in.limit() - at;
      if (left < HEADER_BYTES) {
        throw new NetlinkFormatException(left + " bytes at " + at + " are no message header");
      }
      long length = Integer.toUnsignedLong(in.getInt(at));
      if (length < HEADER_BYTES || length > left) {
        throw new NetlinkFormatException(
            "message of " + length + " bytes at " + at + ", expected 16.." + left);
      }
      messages.add(
          new NetlinkMessage(
              Short.toUnsignedInt(in.getShort(at + 4)),
              Short.toUnsignedInt(in.getShort(at + 6)),
              in.getInt(at + 8),
              in.slice(at + HEADER_BYTES, (int) length - HEADER_BYTES).order(in.order())));
      // At least 16, so this ends; the last message need not be padded.
      at += (int) Math.min(align(length), left);
    }
    return messages;
  }

  /** Rounds up to the alignment that netlink has throughout. */
  static long align(long bytes) {
    return bytes + ALIGNMENT - 1 & -ALIGNMENT;
  }
}

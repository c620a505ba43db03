package dev.offramp.linux.netlink;

import java.nio.ByteBuffer;

/**
 * The payload of NLMSG_ERROR (include/uapi/linux/netlink.h).
 *
 * <pre>
 * struct nlmsgerr: s32 error, nlmsghdr of the request
 *   then the request's payload, unless NLM_F_CAPPED
 *   then attributes, if NLM_F_ACK_TLVS: 1 = NLMSGERR_ATTR_MSG
 * </pre>
 *
 * @param errno positive, or 0 for an acknowledgement
 * @param explanation NLMSGERR_ATTR_MSG, or empty
 */
record KernelError(int errno, String explanation) {
  private static final int NLM_F_CAPPED = 0x100;
  private static final int NLM_F_ACK_TLVS = 0x200;
  private static final int ERROR_BYTES = 4;
  private static final int NLMSGERR_ATTR_MSG = 1;

  static KernelError decode(NetlinkMessage message) throws NetlinkFormatException {
    ByteBuffer payload = message.payload();
    if (payload.remaining() < ERROR_BYTES + NetlinkMessage.HEADER_BYTES) {
      throw new NetlinkFormatException(
          "NLMSG_ERROR of " + payload.remaining() + " bytes, expected at least 20");
    }
    // Negated in the message. The smallest int has no positive form: nothing the kernel sends.
    int errno = Math.abs(Math.max(payload.getInt(0), -Integer.MAX_VALUE));
    return new KernelError(errno, explanation(message.flags(), payload));
  }

  private static String explanation(int flags, ByteBuffer payload) throws NetlinkFormatException {
    if ((flags & NLM_F_ACK_TLVS) == 0) {
      return "";
    }
    long request =
        (flags & NLM_F_CAPPED) != 0
            ? NetlinkMessage.HEADER_BYTES
            : Integer.toUnsignedLong(payload.getInt(ERROR_BYTES));
    long start = ERROR_BYTES + (request + 3 & ~3L);
    if (start < 0 || start > payload.remaining()) {
      throw new NetlinkFormatException("NLMSG_ERROR quotes a request of " + request + " bytes");
    }
    return Attributes.parse(payload, (int) start).text(NLMSGERR_ATTR_MSG).orElse("");
  }
}

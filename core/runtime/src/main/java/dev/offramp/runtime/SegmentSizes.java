package dev.offramp.runtime;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.nio.channels.SocketChannel;

/**
 * The effective maximum segment size of a channel without a native call: the interface's MTU less
 * the largest headers that Linux sends. Exact on a path without a narrower link; where there is
 * one, FPDUs span segments, which every receiver has to bear (RFC 5044, section 4.5).
 */
final class SegmentSizes {
  private static final int IPV4_AND_TCP_BYTES = 40;
  private static final int IPV6_AND_TCP_BYTES = 60;

  /** Timestamps, padded (RFC 7323, appendix A). */
  private static final int OPTION_BYTES = 12;

  /** RFC 9293, section 3.7.1: what every path carries. */
  private static final int LEAST_BYTES = 536;

  /** TCP's length fields end here, whatever the MTU. */
  private static final int MAX_MTU_BYTES = 65535;

  private SegmentSizes() {}

  static int of(SocketChannel channel) {
    try {
      InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
      NetworkInterface egress =
          local == null ? null : NetworkInterface.getByInetAddress(local.getAddress());
      if (egress == null) {
        return LEAST_BYTES;
      }
      int headers =
          local.getAddress() instanceof Inet6Address ? IPV6_AND_TCP_BYTES : IPV4_AND_TCP_BYTES;
      return Math.max(
          LEAST_BYTES, Math.min(egress.getMTU(), MAX_MTU_BYTES) - headers - OPTION_BYTES);
    } catch (IOException e) {
      return LEAST_BYTES;
    }
  }
}

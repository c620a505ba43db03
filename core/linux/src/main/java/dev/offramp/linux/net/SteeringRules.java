package dev.offramp.linux.net;

import dev.offramp.linux.netlink.U32Selector;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;

/**
 * What the filters of the NIC in the middle match, as selectors of u32. Pure.
 *
 * <p>Offsets are from the start of the IP header. Ports are at fixed offsets: right behind an IPv4
 * header without options, which is why the header length is matched too, or an IPv6 header without
 * extension headers, which the next header 6 ensures. Steered packets that carry options or
 * extension headers, and later fragments, go the ordinary way to the host; TCP of Linux sends none
 * of them.
 *
 * <p>A connection is found by two bytes: the low one of the peer's port, then the low one of the
 * host's. The first differs where many peers come to one port of the host, the second where the
 * host has many connections to one port of a peer. Only connections that have both bytes in common
 * are compared one after the other.
 */
final class SteeringRules {
  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;
  private static final int ALL_BITS = -1;

  private static final int IPV4_VERSION = 0;
  private static final int IPV4_FRAGMENT = 4;
  private static final int IPV4_PROTOCOL = 8;
  private static final int IPV4_SOURCE = 12;
  private static final int IPV4_DESTINATION = 16;
  private static final int IPV6_NEXT_HEADER = 4;
  private static final int IPV6_SOURCE = 8;
  private static final int IPV6_DESTINATION = 24;

  /** The word of the TCP header with the flags. */
  private static final int TCP_FLAGS_WORD = 12;

  private static final int TCP_RST = 0x0004_0000;

  /** In the word of both ports. */
  private static final int SOURCE_LOW_BYTE = 0x00FF_0000;

  private static final int DESTINATION_LOW_BYTE = 0x0000_00FF;

  private SteeringRules() {}

  /**
   * TCP segments of a family, and the peer's port as what they are looked up by.
   *
   * @param fromPeer whether they come from the peer, or go there
   */
  static U32Selector segments(boolean v6, boolean fromPeer) {
    U32Selector shape =
        v6
            ? U32Selector.ALL.match(IPV6_NEXT_HEADER, 0x0000_FF00, 0x0000_0600)
            : U32Selector.ALL
                .match(IPV4_VERSION, 0xFF00_0000, 0x4500_0000)
                .match(IPV4_FRAGMENT, 0x0000_1FFF, 0)
                .match(IPV4_PROTOCOL, 0x00FF_0000, 0x0006_0000);
    return shape.hashedBy(headerBytes(v6), fromPeer ? SOURCE_LOW_BYTE : DESTINATION_LOW_BYTE);
  }

  /** All that were found by the peer's port, and the host's port as what comes next. */
  static U32Selector byHostsPort(boolean v6, boolean fromPeer) {
    return U32Selector.ALL.hashedBy(
        headerBytes(v6), fromPeer ? DESTINATION_LOW_BYTE : SOURCE_LOW_BYTE);
  }

  /** Segments of one connection that come from the peer, among those of {@link #segments}. */
  static U32Selector fromPeer(FourTuple tuple) {
    return segment(tuple.remote(), tuple.local());
  }

  /** Resets of one connection towards the peer, among those of {@link #segments}. */
  static U32Selector resetToPeer(FourTuple tuple) {
    int flags = headerBytes(isV6(tuple.local().getAddress())) + TCP_FLAGS_WORD;
    return segment(tuple.local(), tuple.remote()).match(flags, TCP_RST, TCP_RST);
  }

  private static U32Selector segment(InetSocketAddress from, InetSocketAddress to) {
    boolean v6 = isV6(from.getAddress());
    // The ports first: they differ most.
    U32Selector selector =
        U32Selector.ALL.match(headerBytes(v6), ALL_BITS, from.getPort() << 16 | to.getPort());
    selector = address(selector, v6 ? IPV6_SOURCE : IPV4_SOURCE, from.getAddress());
    return address(selector, v6 ? IPV6_DESTINATION : IPV4_DESTINATION, to.getAddress());
  }

  private static U32Selector address(U32Selector selector, int offset, InetAddress address) {
    ByteBuffer octets = ByteBuffer.wrap(address.getAddress());
    U32Selector more = selector;
    while (octets.hasRemaining()) {
      int at = offset + octets.position();
      more = more.match(at, ALL_BITS, octets.getInt());
    }
    return more;
  }

  private static int headerBytes(boolean v6) {
    return v6 ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
  }

  /** The address without a scope: that is not in the packet. */
  static String text(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }

  static boolean isV6(InetAddress address) {
    return address instanceof Inet6Address;
  }
}

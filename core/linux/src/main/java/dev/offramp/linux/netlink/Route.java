package dev.offramp.linux.netlink;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How the kernel would send to one destination (include/uapi/linux/rtnetlink.h).
 *
 * <pre>
 * struct rtmsg: u8 family, dst_len, src_len, tos, table, protocol, scope, type; u32 flags
 * </pre>
 *
 * @param type RTN_*: 1 unicast, 2 local, 3 broadcast, 5 multicast, 6 blackhole, 7 unreachable, 8
 *     prohibit
 * @param egressIndex RTA_OIF
 * @param gateway RTA_GATEWAY or RTA_VIA, which may be of the other family; empty when on-link
 * @param preferredSource RTA_PREFSRC; empty when the question named a source
 * @param mtuBytes RTAX_MTU of RTA_METRICS: the path MTU that was discovered, or the one that the
 *     route was given; empty when the link's counts
 */
public record Route(
    int type,
    int egressIndex,
    Optional<InetAddress> gateway,
    Optional<InetAddress> preferredSource,
    OptionalInt mtuBytes) {
  /** RTN_LOCAL: it never leaves the host. */
  public static final int TYPE_LOCAL = 2;

  static final int RTM_NEWROUTE = 24;

  private static final int RTMSG_BYTES = 12;
  private static final int TYPE_OFFSET = 7;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_PREFSRC = 7;
  private static final int RTA_METRICS = 8;
  private static final int RTA_VIA = 18;
  private static final int RTAX_MTU = 2;
  private static final int VIA_FAMILY_BYTES = 2;

  /** Whether packets stay on this host. */
  public boolean isLocal() {
    return type == TYPE_LOCAL;
  }

  /**
   * The neighbour that packets to {@code destination} go to: the gateway, or the destination. A
   * link-local one has the scope id of the interface.
   */
  public InetAddress nextHop(InetAddress destination) {
    InetAddress hop = gateway.orElse(destination);
    if (hop instanceof Inet6Address v6 && v6.isLinkLocalAddress()) {
      try {
        return Inet6Address.getByAddress(null, v6.getAddress(), egressIndex);
      } catch (UnknownHostException e) {
        throw new AssertionError("16 octets are an IPv6 address", e);
      }
    }
    return hop;
  }

  /**
   * Reads the payload of RTM_NEWROUTE.
   *
   * @throws NetlinkFormatException when it is none
   */
  public static Route decode(ByteBuffer payload) throws NetlinkFormatException {
    if (payload.limit() < RTMSG_BYTES) {
      throw new NetlinkFormatException("RTM_NEWROUTE of " + payload.limit() + " bytes");
    }
    Attributes attributes = Attributes.parse(payload, RTMSG_BYTES);
    Optional<InetAddress> gateway = attributes.address(RTA_GATEWAY);
    return new Route(
        Byte.toUnsignedInt(payload.get(TYPE_OFFSET)),
        attributes.u32(RTA_OIF).orElse(0),
        gateway.isPresent() ? gateway : via(attributes),
        attributes.address(RTA_PREFSRC),
        attributes.nested(RTA_METRICS).u32(RTAX_MTU));
  }

  /** struct rtvia: u16 family, address. An IPv4 route over an IPv6 neighbour (RFC 5549). */
  private static Optional<InetAddress> via(Attributes attributes) throws NetlinkFormatException {
    ByteBuffer via = attributes.raw(RTA_VIA).orElse(null);
    if (via == null) {
      return Optional.empty();
    }
    byte[] bytes = new byte[via.limit()];
    via.get(0, bytes);
    if (bytes.length < VIA_FAMILY_BYTES) {
      throw new NetlinkFormatException("RTA_VIA of " + bytes.length + " bytes");
    }
    return Optional.of(
        Attributes.toAddress(RTA_VIA, Arrays.copyOfRange(bytes, VIA_FAMILY_BYTES, bytes.length)));
  }
}

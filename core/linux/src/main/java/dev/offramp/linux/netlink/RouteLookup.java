package dev.offramp.linux.netlink;

import dev.offramp.linux.libc.SocketAddresses;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Asks the kernel for routes: {@code ip route get}. Safe for many threads. */
public final class RouteLookup {
  private static final int RTM_GETROUTE = 26;
  private static final int RTM_F_LOOKUP_TABLE = 0x1000;
  private static final int RTA_DST = 1;
  private static final int RTA_SRC = 2;
  private static final int RTA_OIF = 4;
  private static final int RTA_MARK = 16;
  private static final int RTA_IP_PROTO = 27;
  private static final int RTA_SPORT = 28;
  private static final int RTA_DPORT = 29;
  private static final int IPPROTO_TCP = 6;

  private final NetlinkSocket socket;

  /**
   * Looks up over {@code socket}.
   *
   * @param socket stays the caller's
   */
  public RouteLookup(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * The route that a TCP segment of this connection takes now.
   *
   * @param local an address of this host, or a wildcard for the kernel's choice; with the scope id
   *     when it is link-local
   * @param remote the destination; with the scope id when it is link-local
   * @param hints what else decides: mark, TOS, the interface that the socket is bound to
   * @throws NetlinkException when there is no route: ENETUNREACH, EHOSTUNREACH; EINVAL when {@code
   *     local} is not this host's
   */
  public Route lookup(InetSocketAddress local, InetSocketAddress remote, EgressPath.Hints hints)
      throws IOException {
    return Route.decode(socket.ask(request(local, remote, hints), Route.RTM_NEWROUTE).payload());
  }

  static Request request(
      InetSocketAddress local, InetSocketAddress remote, EgressPath.Hints hints) {
    InetAddress from = local.getAddress();
    InetAddress to = remote.getAddress();
    boolean v6 = to instanceof Inet6Address;
    int bits = v6 ? 128 : 32;
    boolean fromGiven = !from.isAnyLocalAddress();
    Request request =
        new Request(RTM_GETROUTE, "RTM_GETROUTE", to)
            .u8(v6 ? SocketAddresses.AF_INET6 : SocketAddresses.AF_INET)
            .u8(bits)
            .u8(fromGiven ? bits : 0)
            .u8(hints.tos())
            .u8(0)
            .u8(0)
            .u8(0)
            .u8(0)
            .u32(RTM_F_LOOKUP_TABLE)
            .attribute(RTA_DST, to);
    if (fromGiven) {
      request.attribute(RTA_SRC, from);
    }
    int scope = Math.max(scopeId(to), scopeId(from));
    if (scope != 0 || hints.boundInterfaceIndex() != 0) {
      request.attribute(RTA_OIF, scope != 0 ? scope : hints.boundInterfaceIndex());
    }
    if (hints.mark() != 0) {
      request.attribute(RTA_MARK, hints.mark());
    }
    // Rules and multipath hashes may look at these (Linux 4.19).
    request.attributeU8(RTA_IP_PROTO, IPPROTO_TCP);
    if (local.getPort() != 0) {
      request.attributePort(RTA_SPORT, local.getPort());
    }
    if (remote.getPort() != 0) {
      request.attributePort(RTA_DPORT, remote.getPort());
    }
    return request;
  }

  private static int scopeId(InetAddress address) {
    return address instanceof Inet6Address v6 ? v6.getScopeId() : 0;
  }
}

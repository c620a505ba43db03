package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.linux.libc.LibC;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * How the host sends a connection's segments now: the part of a descriptor's cached fields that the
 * routing, neighbour and interface tables know. Each fact names its source, or the reason why it is
 * absent. Three questions to the kernel, no process.
 *
 * @param egressInterface interface that the route leaves by
 * @param egressInterfaceIndex its index
 * @param sourceMac Ethernet source of outgoing frames
 * @param nextHop the gateway, or the peer itself when it is on-link
 * @param nextHopMac Ethernet destination of outgoing frames
 * @param vlanTag the tag of outgoing frames; absent when untagged
 * @param pathMtuBytes path MTU, or the link's where none is known
 */
public record EgressPath(
    Field<String> egressInterface,
    Field<Integer> egressInterfaceIndex,
    Field<MacAddress> sourceMac,
    Field<InetAddress> nextHop,
    Field<MacAddress> nextHopMac,
    Field<VlanTag> vlanTag,
    Field<Integer> pathMtuBytes) {
  // The descriptor's range. The loopback interface has 65536, more than an IPv4 packet can be.
  private static final int MIN_MTU_BYTES = 68;
  private static final int MAX_MTU_BYTES = 65_535;
  private static final int MAX_VLAN_ID = 4094;

  /**
   * What a socket asks of the path.
   *
   * @param mark SO_MARK, or 0
   * @param tos IP_TOS or IPV6_TCLASS, 0..255
   * @param priority SO_PRIORITY, which a VLAN interface makes the tag's priority of
   * @param boundInterfaceIndex the interface that the socket is bound to, or 0
   */
  public record Hints(int mark, int tos, int priority, int boundInterfaceIndex) {
    /** Nothing special. */
    public static final Hints NONE = new Hints(0, 0, 0, 0);
  }

  /**
   * Describes the path of a connection in the network namespace of the calling thread. Never fails:
   * what cannot be read is absent, with the reason.
   *
   * @param libc the C library
   * @param local this host's end; with the scope id when it is link-local
   * @param remote the peer's end; with the scope id when it is link-local
   */
  public static EgressPath describe(LibC libc, InetSocketAddress local, InetSocketAddress remote) {
    try (NetlinkSocket socket = NetlinkSocket.open(libc)) {
      return describe(socket, local, remote, Hints.NONE);
    } catch (IOException e) {
      return absent(e.toString());
    }
  }

  /**
   * Describes the path of a connection in the network namespace of {@code socket}. Never fails.
   *
   * @param socket stays open
   * @param local this host's end
   * @param remote the peer's end
   * @param hints what the socket asks of the path
   */
  public static EgressPath describe(
      NetlinkSocket socket, InetSocketAddress local, InetSocketAddress remote, Hints hints) {
    return describe(socket, PathTables.asked(socket), local, remote, hints);
  }

  static EgressPath describe(
      NetlinkSocket socket,
      PathTables tables,
      InetSocketAddress local,
      InetSocketAddress remote,
      Hints hints) {
    Route route;
    try {
      route = new RouteLookup(socket).lookup(local, remote, hints);
    } catch (IOException | RuntimeException e) {
      return absent(reason(e));
    }
    if (route.egressIndex() <= 0) {
      return absent("RTM_GETROUTE answered without RTA_OIF, type " + route.type());
    }
    InetAddress nextHop = route.nextHop(remote.getAddress());
    Link link;
    try {
      link = tables.link(route.egressIndex());
    } catch (IOException | RuntimeException e) {
      return withoutLink(route, nextHop, reason(e));
    }
    return new EgressPath(
        Field.present(link.name(), "RTM_GETLINK IFLA_IFNAME"),
        index(route),
        sourceMac(link),
        route.isLocal() ? localOnly() : nextHop(route, nextHop),
        route.isLocal() ? localOnly() : nextHopMac(tables, link, nextHop),
        vlanTag(link, hints.priority()),
        mtu(route, link));
  }

  private static EgressPath absent(String reason) {
    return new EgressPath(
        Field.absent(reason),
        Field.absent(reason),
        Field.absent(reason),
        Field.absent(reason),
        Field.absent(reason),
        Field.absent(reason),
        Field.absent(reason));
  }

  private static EgressPath withoutLink(Route route, InetAddress nextHop, String reason) {
    return new EgressPath(
        Field.absent(reason),
        index(route),
        Field.absent(reason),
        route.isLocal() ? localOnly() : nextHop(route, nextHop),
        Field.absent(reason),
        Field.absent(reason),
        routeMtu(route, Field.absent(reason)));
  }

  private static <T> Field<T> localOnly() {
    return Field.absent("the route is local: segments do not leave this host");
  }

  private static Field<Integer> index(Route route) {
    return Field.present(route.egressIndex(), "RTM_GETROUTE RTA_OIF");
  }

  private static Field<MacAddress> sourceMac(Link link) {
    if (link.isLoopback()) {
      return Field.absent(link.name() + " is a loopback interface");
    }
    return link.mac()
        .map(mac -> Field.present(mac, "RTM_GETLINK IFLA_ADDRESS"))
        .orElseGet(() -> Field.absent(link.name() + " has no Ethernet address"));
  }

  private static Field<InetAddress> nextHop(Route route, InetAddress nextHop) {
    return route.gateway().isPresent()
        ? Field.present(nextHop, "RTM_GETROUTE RTA_GATEWAY")
        : Field.derived(nextHop, "the peer's address: RTM_GETROUTE has no RTA_GATEWAY");
  }

  private static Field<MacAddress> nextHopMac(PathTables tables, Link link, InetAddress nextHop) {
    if (link.mac().isEmpty()) {
      return Field.absent(link.name() + " has no Ethernet address");
    }
    try {
      Field<MacAddress> found = tables.neighbour(link.index(), nextHop);
      return found.isKnown() || !link.isNoArp()
          ? found
          : Field.absent(found.source() + "; " + link.name() + " has address resolution off");
    } catch (IOException | RuntimeException e) {
      return Field.absent(reason(e));
    }
  }

  private static Field<VlanTag> vlanTag(Link link, int priority) {
    Link.Vlan vlan = link.vlan().orElse(null);
    if (vlan == null) {
      return Field.absent(
          "untagged: "
              + link.name()
              + " is "
              + link.kind().map(kind -> "of kind " + kind).orElse("no VLAN interface"));
    }
    if (vlan.id() < 1 || vlan.id() > MAX_VLAN_ID) {
      return Field.absent("a tag with identifier " + vlan.id() + " is for priority only");
    }
    return Field.present(
        new VlanTag(vlan.id(), vlan.priorityFor(priority), false),
        "RTM_GETLINK IFLA_VLAN_ID, IFLA_VLAN_EGRESS_QOS for priority " + priority);
  }

  private static Field<Integer> mtu(Route route, Link link) {
    int bytes = Math.min(link.mtuBytes(), MAX_MTU_BYTES);
    return routeMtu(
        route,
        bytes < MIN_MTU_BYTES
            ? Field.absent("IFLA_MTU is " + link.mtuBytes() + " bytes, no MTU for IP")
            : Field.derived(bytes, "RTM_GETLINK IFLA_MTU: the route has none of its own"));
  }

  private static Field<Integer> routeMtu(Route route, Field<Integer> otherwise) {
    int bytes = route.mtuBytes().orElse(0);
    return bytes >= MIN_MTU_BYTES && bytes <= MAX_MTU_BYTES
        ? Field.present(bytes, "RTM_GETROUTE RTAX_MTU")
        : otherwise;
  }

  private static String reason(Exception e) {
    return e instanceof IOException ? String.valueOf(e.getMessage()) : e.toString();
  }
}

package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.netlink.NetlinkPathFacts;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.apiguardian.api.API;

/**
 * What the host knows of the way to a peer: egress interface, source and next-hop MAC, next hop and
 * VLAN tag. Called on a thread that is inside the connection's network namespace.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface PathFacts {
  /** Knows nothing: the fields are absent. */
  PathFacts NONE =
      (query, to) -> {
        for (FieldKey<?> key : PathFacts.fields()) {
          to.absent(key, "route and neighbour were not looked up");
        }
      };

  /** Asks the kernel by rtnetlink; knows nothing where native access is missing. */
  static PathFacts netlink() {
    return NativeAccess.check().available() ? new NetlinkPathFacts(NativeAccess.libc()) : NONE;
  }

  /**
   * Puts {@link #fields} into {@code to}, absent ones with their reason.
   *
   * @throws IOException when the host cannot be asked; the fields are then absent
   */
  void describe(PathQuery query, IwarpConnectionDescriptor.Builder to) throws IOException;

  /** The fields that this is about. */
  static List<FieldKey<?>> fields() {
    return List.of(
        DescriptorFields.EGRESS_INTERFACE,
        DescriptorFields.EGRESS_INTERFACE_INDEX,
        DescriptorFields.SOURCE_MAC,
        DescriptorFields.NEXT_HOP,
        DescriptorFields.NEXT_HOP_MAC,
        DescriptorFields.VLAN_TAG);
  }

  /**
   * Which way is asked for.
   *
   * @param local source of the packets
   * @param remote their destination
   * @param mark SO_MARK of the socket, for policy routing; 0 when it has none
   * @param boundInterfaceIndex the interface that the socket is bound to; 0 when to none
   * @param namespaceCookie SO_NETNS_COOKIE of the socket; 0 when the kernel has none
   */
  record PathQuery(
      InetSocketAddress local,
      InetSocketAddress remote,
      int mark,
      int boundInterfaceIndex,
      long namespaceCookie) {}
}

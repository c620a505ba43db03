package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.netlink.NetlinkSocket;
import java.io.IOException;

/** Path facts by rtnetlink, in the namespace of the calling thread. */
final class NetlinkPathFacts implements PathFacts {
  private final LibC libc;

  NetlinkPathFacts(LibC libc) {
    this.libc = libc;
  }

  @Override
  public void describe(PathQuery query, IwarpConnectionDescriptor.Builder to) throws IOException {
    try (NetlinkSocket socket = NetlinkSocket.open(libc)) {
      var hints = new dev.offramp.linux.netlink.PathFacts.Hints(query.mark(), 0, 0);
      var facts =
          dev.offramp.linux.netlink.PathFacts.describe(
              socket, query.local(), query.remote(), hints);
      to.put(DescriptorFields.EGRESS_INTERFACE, facts.egressInterface())
          .put(DescriptorFields.EGRESS_INTERFACE_INDEX, facts.egressInterfaceIndex())
          .put(DescriptorFields.SOURCE_MAC, facts.sourceMac())
          .put(DescriptorFields.NEXT_HOP, facts.nextHop())
          .put(DescriptorFields.NEXT_HOP_MAC, facts.nextHopMac())
          .put(DescriptorFields.VLAN_TAG, facts.vlanTag());
    }
  }
}

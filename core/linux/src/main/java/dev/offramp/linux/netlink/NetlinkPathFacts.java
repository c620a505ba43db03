package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.linux.PathFacts;
import dev.offramp.linux.libc.LibC;
import java.io.IOException;

/**
 * {@link PathFacts} from rtnetlink: {@link EgressPath} as fields of a descriptor. Opens a socket
 * for each question, since the next one may be about another namespace. Safe for many threads.
 */
public final class NetlinkPathFacts implements PathFacts {
  // The descriptor limits a source to 255 bytes; reasons can quote the kernel.
  private static final int MAX_SOURCE_CHARACTERS = 200;

  private final LibC libc;

  /**
   * Asks through {@code libc}.
   *
   * @param libc the C library
   */
  public NetlinkPathFacts(LibC libc) {
    this.libc = libc;
  }

  @Override
  public void describe(PathQuery query, IwarpConnectionDescriptor.Builder to) throws IOException {
    EgressPath path;
    try (NetlinkSocket socket = NetlinkSocket.open(libc)) {
      path =
          EgressPath.describe(
              socket,
              query.local(),
              query.remote(),
              new EgressPath.Hints(query.mark(), 0, 0, query.boundInterfaceIndex()));
    }
    put(to, DescriptorFields.EGRESS_INTERFACE, path.egressInterface());
    put(to, DescriptorFields.EGRESS_INTERFACE_INDEX, path.egressInterfaceIndex());
    put(to, DescriptorFields.SOURCE_MAC, path.sourceMac());
    put(to, DescriptorFields.NEXT_HOP, path.nextHop());
    put(to, DescriptorFields.NEXT_HOP_MAC, path.nextHopMac());
    put(to, DescriptorFields.VLAN_TAG, path.vlanTag());
  }

  private static <T> void put(
      IwarpConnectionDescriptor.Builder to, FieldKey<T> key, Field<T> field) {
    String source = field.source();
    String brief =
        source.length() <= MAX_SOURCE_CHARACTERS
            ? source
            : source.substring(0, MAX_SOURCE_CHARACTERS);
    switch (field.origin()) {
      case PRESENT -> to.present(key, field.value(), brief);
      case DERIVED -> to.derived(key, field.value(), brief);
      case ABSENT -> to.absent(key, brief);
    }
  }
}

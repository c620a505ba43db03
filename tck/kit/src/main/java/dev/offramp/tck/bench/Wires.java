package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The connections that there are, by 4-tuple. */
final class Wires {
  private final Map<Ends, Wire> wires = new HashMap<>();

  /** A 4-tuple; scopes count, which the JDK's addresses do not see. */
  private record Ends(InetSocketAddress local, int localScope, InetSocketAddress remote) {
    static Ends of(InetSocketAddress local, InetSocketAddress remote) {
      int scope = local.getAddress() instanceof java.net.Inet6Address v6 ? v6.getScopeId() : 0;
      return new Ends(local, scope, remote);
    }
  }

  void put(IwarpConnectionDescriptor descriptor, Wire wire) {
    wires.put(ends(descriptor), wire);
  }

  @Nullable Wire find(IwarpConnectionDescriptor descriptor) {
    return wires.get(ends(descriptor));
  }

  /** By the addresses alone: a device knows no scopes. */
  @Nullable Wire find(InetSocketAddress local, InetSocketAddress remote) {
    for (Map.Entry<Ends, Wire> entry : wires.entrySet()) {
      if (entry.getKey().local().equals(local) && entry.getKey().remote().equals(remote)) {
        return entry.getValue();
      }
    }
    return null;
  }

  private static Ends ends(IwarpConnectionDescriptor d) {
    return Ends.of(
        d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
  }
}

package dev.offramp.provider.intel;

import static dev.offramp.api.descriptor.DescriptorFields.NEXT_HOP_MAC;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.spi.RnicException;
import java.io.IOException;
import java.util.Optional;

/**
 * What a connection arrived with, and what the host has decided anew since. Changed by one thread
 * at a time, as {@link dev.offramp.spi.Rnic#update} is called; read by any.
 */
final class CachedState {
  private static final String TOLD = "told by the host while it ran";

  private final Route route;
  private volatile IwarpConnectionDescriptor descriptor;

  CachedState(Route route, IwarpConnectionDescriptor descriptor) {
    this.route = route;
    this.descriptor = descriptor;
  }

  IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  /**
   * Takes what the host has decided anew, to the device first.
   *
   * @throws RnicException as {@link dev.offramp.spi.Rnic#update}
   */
  void update(IntelConnection connection, IwarpConnectionDescriptor cached) throws RnicException {
    requireSameTag(connection.ownerName(), cached);
    try {
      if (cached.isKnown(NEXT_HOP_MAC)) {
        MacAddress mac = cached.value(NEXT_HOP_MAC);
        route.redirect(connection, mac.value());
        descriptor = descriptor.toBuilder().present(NEXT_HOP_MAC, mac, TOLD).build();
      }
      if (cached.isKnown(PATH_MTU_BYTES)) {
        int mtu = cached.value(PATH_MTU_BYTES);
        int mss = route.resize(connection, mtu);
        descriptor =
            descriptor.toBuilder()
                .present(PATH_MTU_BYTES, mtu, TOLD)
                .present(SEND_MSS_BYTES, mss, TOLD)
                .build();
      }
    } catch (IOException e) {
      throw new RnicException(connection.ownerName() + ": " + e.getMessage(), e);
    }
  }

  /** MANAGE_QUAD_HASH has the tag, and so has the context, which only a load of all of it reads. */
  private void requireSameTag(String owner, IwarpConnectionDescriptor cached) throws RnicException {
    Optional<VlanTag> seen = tag(cached);
    Optional<VlanTag> now = tag(descriptor);
    if (!seen.equals(now)) {
      throw new RnicException(
          "%s: seen %s, expected %s: no public command changes the VLAN tag of a connection that runs; move it to another RNIC and back"
              .formatted(owner, seen, now));
    }
  }

  private static Optional<VlanTag> tag(IwarpConnectionDescriptor d) {
    return d.isKnown(VLAN_TAG) ? Optional.of(d.value(VLAN_TAG)) : Optional.empty();
  }
}

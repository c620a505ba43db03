package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.RtrKind;
import java.net.InetSocketAddress;
import java.util.Set;

/**
 * What the software RNIC takes out of a descriptor.
 *
 * @param local the local end
 * @param remote the remote end
 * @param mpa what start-up agreed
 */
record StreamSetup(InetSocketAddress local, InetSocketAddress remote, MpaResult mpa) {
  static final Set<FieldKey<?>> CONSUMES =
      Set.of(
          DescriptorFields.MPA_ROLE,
          DescriptorFields.MPA_REVISION,
          DescriptorFields.MPA_CRC,
          DescriptorFields.MPA_SEND_MARKERS,
          DescriptorFields.MPA_RECEIVE_MARKERS,
          DescriptorFields.IRD,
          DescriptorFields.ORD,
          DescriptorFields.PEER_IRD,
          DescriptorFields.PEER_ORD,
          DescriptorFields.RTR,
          DescriptorFields.REMOTE_PRIVATE_DATA);

  static StreamSetup of(IwarpConnectionDescriptor d) {
    return new StreamSetup(
        d.value(DescriptorFields.LOCAL_ADDRESS),
        d.value(DescriptorFields.REMOTE_ADDRESS),
        new MpaResult(
            d.value(DescriptorFields.MPA_ROLE),
            d.value(DescriptorFields.MPA_REVISION),
            d.value(DescriptorFields.MPA_CRC),
            d.value(DescriptorFields.MPA_SEND_MARKERS),
            d.value(DescriptorFields.MPA_RECEIVE_MARKERS),
            d.value(DescriptorFields.IRD),
            d.value(DescriptorFields.ORD),
            d.get(DescriptorFields.PEER_IRD).orElse(-1),
            d.get(DescriptorFields.PEER_ORD).orElse(-1),
            d.get(DescriptorFields.RTR).orElse(RtrKind.NONE),
            d.get(DescriptorFields.REMOTE_PRIVATE_DATA).orElse(Octets.empty())));
  }
}

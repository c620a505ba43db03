package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.net.InetSocketAddress;

/** Small changes to descriptors. */
final class Descriptors {
  static final String SOURCE = "the kit's variation";

  private Descriptors() {}

  static <T extends Object> IwarpConnectionDescriptor with(
      IwarpConnectionDescriptor d, FieldKey<T> key, T value) {
    return d.toBuilder().present(key, value, SOURCE).build();
  }

  static IwarpConnectionDescriptor withPorts(IwarpConnectionDescriptor d, int local, int remote) {
    return d.toBuilder()
        .present(
            DescriptorFields.LOCAL_ADDRESS,
            new InetSocketAddress(d.value(DescriptorFields.LOCAL_ADDRESS).getAddress(), local),
            SOURCE)
        .present(
            DescriptorFields.REMOTE_ADDRESS,
            new InetSocketAddress(d.value(DescriptorFields.REMOTE_ADDRESS).getAddress(), remote),
            SOURCE)
        .build();
  }
}

package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** What a profile carries when there is no connection to describe: loopback, discard to discard. */
final class NoConnection {
  private static final int DISCARD_PORT = 9;

  static final IwarpConnectionDescriptor DESCRIPTOR = descriptor();

  private NoConnection() {}

  private static IwarpConnectionDescriptor descriptor() {
    InetSocketAddress nobody =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), DISCARD_PORT);
    return IwarpConnectionDescriptor.builder()
        .derived(DescriptorFields.LOCAL_ADDRESS, nobody, "no connection")
        .derived(DescriptorFields.REMOTE_ADDRESS, nobody, "no connection")
        .build();
  }
}

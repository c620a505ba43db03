package dev.offramp.linux;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;

/** Descriptors of connections that never were. */
final class Installed {
  private Installed() {}

  /** An idle end with the addresses of {@code like}. */
  static IwarpConnectionDescriptor end(
      SocketChannel like, long sndNxt, long rcvNxt, boolean options, int scale) throws IOException {
    String test = "test";
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, (InetSocketAddress) like.getLocalAddress(), test)
        .present(DescriptorFields.REMOTE_ADDRESS, (InetSocketAddress) like.getRemoteAddress(), test)
        .present(DescriptorFields.TCP_STATE, TcpState.ESTABLISHED, test)
        .present(DescriptorFields.MSS_CLAMP_BYTES, 1460, test)
        .present(DescriptorFields.WINDOW_SCALING, options, test)
        .present(DescriptorFields.SEND_WINDOW_SCALE, scale, test)
        .present(DescriptorFields.RECEIVE_WINDOW_SCALE, scale, test)
        .present(DescriptorFields.SACK_PERMITTED, options, test)
        .present(DescriptorFields.TIMESTAMPS, options, test)
        .present(DescriptorFields.TIMESTAMP_NOW, 4_294_967_000L, test)
        .present(DescriptorFields.SND_UNA, sndNxt, test)
        .present(DescriptorFields.SND_NXT, sndNxt, test)
        .present(DescriptorFields.SND_MAX, sndNxt, test)
        .present(DescriptorFields.SND_WND, 65535L, test)
        .present(DescriptorFields.MAX_SND_WND, 65535L, test)
        .present(DescriptorFields.SND_WL1, rcvNxt, test)
        .present(DescriptorFields.RCV_NXT, rcvNxt, test)
        .present(DescriptorFields.RCV_WND, 65535L, test)
        .present(DescriptorFields.RCV_WUP, rcvNxt, test)
        .build();
  }
}

package dev.offramp.linux;

import dev.offramp.linux.libc.SocketAddresses;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.HalfOpenSocket;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;

/**
 * A connection that only the peer still has, which RFC 9293, section 3.5.1, calls half-open. The
 * peer hears of it in the way of that section's figure 9: a SYN of the same 4-tuple provokes its
 * acknowledgement, and this, of something that was never sent, gets the RST that fits. So no
 * sequence number need be known.
 */
final class HalfOpen {
  private final Kernel kernel;
  private final HostOptions options;

  HalfOpen(Kernel kernel, HostOptions options) {
    this.kernel = kernel;
    this.options = options;
  }

  /**
   * Sends the SYN. A peer that has acknowledged something out of order within half a second (Linux:
   * tcp_invalid_ratelimit) lets it pass, and segments are lost, so that the kernel may repeat it.
   *
   * @throws IOException when the host still has the 4-tuple, or no such address
   */
  void resetPeer(InetSocketAddress local, InetSocketAddress remote) throws IOException {
    boolean v4 = local.getAddress() instanceof Inet4Address;
    StandardProtocolFamily family = v4 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
    FileDescriptors.Opened opened =
        InNamespace.call(
            options.namespace(), () -> kernel.descriptors().open(() -> SocketChannel.open(family)));
    SocketChannel channel = opened.channel();
    boolean sent = false;
    try {
      HalfOpenSocket.prepare(
          opened.socket(), local, v4 ? SocketAddresses.AF_INET : SocketAddresses.AF_INET6);
      channel.configureBlocking(false);
      connect(channel, local, remote);
      sent = true;
    } finally {
      if (!sent) {
        channel.close();
      }
    }
    Thread.ofVirtual().name("offramp-half-open").start(() -> awaitRefusal(channel));
  }

  private static void connect(
      SocketChannel channel, InetSocketAddress local, InetSocketAddress remote) throws IOException {
    try {
      channel.connect(remote);
    } catch (BindException e) {
      throw new IOException(
          "the peer of %s to %s cannot be told, for this host has a socket of that 4-tuple"
              .formatted(local, remote),
          e);
    }
  }

  /** A peer that has been reset refuses the next SYN; any other has been asked often enough. */
  private static void awaitRefusal(SocketChannel channel) {
    try (channel) {
      channel.configureBlocking(true);
      channel.finishConnect();
    } catch (IOException e) {
      // There was nothing to come but a refusal, or no answer.
    }
  }
}

package dev.offramp.linux.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/** Sockets in namespaces, none of which waits for ever. */
final class TestSockets {
  static final Duration PATIENCE = Duration.ofSeconds(20);

  private TestSockets() {}

  static ServerSocketChannel listen(NetworkNamespace namespace, InetAddress address, int port)
      throws IOException {
    return namespace.call(() -> {
      ServerSocketChannel server = ServerSocketChannel.open(family(address));
      server.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      server.bind(new InetSocketAddress(address, port));
      server.socket().setSoTimeout((int) PATIENCE.toMillis());
      return server;
    });
  }

  static SocketChannel accept(ServerSocketChannel server) throws IOException {
    SocketChannel accepted = server.socket().accept().getChannel();
    accepted.socket().setSoTimeout((int) PATIENCE.toMillis());
    return accepted;
  }

  static SocketChannel bound(NetworkNamespace namespace, InetSocketAddress local)
      throws IOException {
    return namespace.call(() -> {
      SocketChannel channel = SocketChannel.open(family(local.getAddress()));
      channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      channel.bind(local);
      channel.socket().setSoTimeout((int) PATIENCE.toMillis());
      return channel;
    });
  }

  static SocketChannel connect(
      NetworkNamespace namespace, InetSocketAddress from, InetSocketAddress to) throws IOException {
    return connect(namespace, from, to, PATIENCE);
  }

  static SocketChannel connect(
      NetworkNamespace namespace, InetSocketAddress from, InetSocketAddress to, Duration patience)
      throws IOException {
    SocketChannel channel = bound(namespace, from);
    try {
      channel.socket().connect(to, (int) patience.toMillis());
      return channel;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Whether nothing at all answers a SYN for {@code patience}: no SYN-ACK, no RST. */
  static boolean isSilent(
      NetworkNamespace namespace, InetSocketAddress from, InetSocketAddress to, Duration patience)
      throws IOException {
    try {
      connect(namespace, from, to, patience).close();
      return false;
    } catch (SocketTimeoutException silence) {
      return true;
    } catch (java.net.ConnectException refused) {
      return false;
    }
  }

  private static StandardProtocolFamily family(InetAddress address) {
    return SteeringRules.isV6(address) ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
  }
}

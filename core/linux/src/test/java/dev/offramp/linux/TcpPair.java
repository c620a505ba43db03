package dev.offramp.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Both ends of a TCP connection.
 *
 * @param near the end that tests move
 * @param far the peer
 */
record TcpPair(SocketChannel near, SocketChannel far) implements AutoCloseable {
  /** The kinds of sockets that Java makes. */
  enum Family {
    IPV4(StandardProtocolFamily.INET, "127.0.0.1"),
    IPV6(StandardProtocolFamily.INET6, "::1"),
    V4_MAPPED(StandardProtocolFamily.INET6, "127.0.0.1");

    final StandardProtocolFamily socket;
    final String address;

    Family(StandardProtocolFamily socket, String address) {
      this.socket = socket;
      this.address = address;
    }
  }

  /** Connects over the loopback of {@code namespace}. */
  static TcpPair open(NamespaceRunner namespace, Family family) throws Exception {
    return namespace.call(() -> {
      try (ServerSocketChannel listener = ServerSocketChannel.open(family.socket)) {
        listener.bind(new InetSocketAddress(InetAddress.getByName(family.address), 0));
        SocketChannel near = SocketChannel.open(family.socket);
        near.connect(listener.getLocalAddress());
        return new TcpPair(near, listener.accept());
      }
    });
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }
}

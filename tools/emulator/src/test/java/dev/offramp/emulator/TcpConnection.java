package dev.offramp.emulator;

import dev.offramp.linux.net.Topology;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** A TCP connection from the host of a topology to its peer. */
record TcpConnection(SocketChannel host, SocketChannel peer) implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  /** What Java and the wire make of an address. */
  enum Family {
    IPV4(StandardProtocolFamily.INET),
    IPV6(StandardProtocolFamily.INET6),
    LINK_LOCAL(StandardProtocolFamily.INET6),
    V4_MAPPED(StandardProtocolFamily.INET6);

    private final StandardProtocolFamily socket;

    Family(StandardProtocolFamily socket) {
      this.socket = socket;
    }

    InetAddress of(Topology.Node node) {
      return switch (this) {
        case IPV4, V4_MAPPED -> node.ipv4();
        case IPV6 -> node.ipv6();
        case LINK_LOCAL -> node.linkLocal();
      };
    }
  }

  static TcpConnection open(Topology topology, Family family) throws Exception {
    Topology.Node host = topology.host();
    Topology.Node peer = topology.peer();
    try (ServerSocketChannel listener =
        peer.namespace()
            .call(() ->
                ServerSocketChannel.open(family.socket)
                    .bind(new InetSocketAddress(family.of(peer), 0)))) {
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      SocketChannel opened =
          host.namespace()
              .call(() -> {
                SocketChannel channel = SocketChannel.open(family.socket);
                channel.connect(new InetSocketAddress(host.toReach(family.of(peer)), port));
                return channel;
              });
      return new TcpConnection(opened, listener.accept());
    }
  }

  static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new SplittableRandom(seed).nextBytes(bytes);
    return bytes;
  }

  static byte[] read(SocketChannel from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (from.read(bytes) < 0) {
        throw new EOFException("after " + bytes.position() + " of " + count + " bytes");
      }
    }
    return bytes.array();
  }

  static boolean write(SocketChannel to, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      to.write(left);
    }
    return true;
  }

  static <T> FutureTask<T> start(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  static <T> T join(FutureTask<T> task) throws Exception {
    return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws IOException {
    host.close();
    peer.close();
  }
}

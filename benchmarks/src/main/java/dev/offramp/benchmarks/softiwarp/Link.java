package dev.offramp.benchmarks.softiwarp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * Two ends of one TCP connection over loopback, each for one thread.
 *
 * @param near the end of the thread that is timed
 * @param far the other end
 */
record Link(SocketChannel near, SocketChannel far) implements AutoCloseable {
  static Link open() throws IOException {
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel near = SocketChannel.open(server.getLocalAddress());
      SocketChannel far = server.accept();
      near.setOption(StandardSocketOptions.TCP_NODELAY, true);
      far.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return new Link(near, far);
    }
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }
}

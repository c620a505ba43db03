package dev.offramp.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Plain TCP connections of the calling thread's namespace. */
final class Tcp {
  private Tcp() {}

  /** Connects, and disables Nagle's algorithm as every RDMA program does. */
  static SocketChannel connect(String address, int port) throws IOException {
    SocketChannel tcp =
        SocketChannel.open(new InetSocketAddress(InetAddress.getByName(address), port));
    tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return tcp;
  }

  static ServerSocketChannel listen(String address, int port) throws IOException {
    ServerSocketChannel listener = ServerSocketChannel.open();
    listener.setOption(StandardSocketOptions.SO_REUSEADDR, true);
    listener.bind(new InetSocketAddress(InetAddress.getByName(address), port));
    return listener;
  }

  static SocketChannel accept(ServerSocketChannel listener) throws IOException {
    SocketChannel tcp = listener.accept();
    tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
    return tcp;
  }
}

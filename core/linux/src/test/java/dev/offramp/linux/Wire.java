package dev.offramp.linux;

import dev.offramp.linux.libc.NativeAccess;
import java.lang.foreign.Arena;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * A host and a peer in two namespaces with a wire between them, which can be cut in either
 * direction: a wrong neighbour address makes every frame one for somebody else.
 */
final class Wire implements AutoCloseable {
  static final String HOST_MAC = "02:00:00:00:00:01";
  static final String PEER_MAC = "02:00:00:00:00:02";
  private static final String NOBODY_MAC = "02:00:00:00:00:99";

  final TestNamespace host = new TestNamespace();
  final TestNamespace peer = new TestNamespace();
  final boolean v6;
  final String hostAddress;
  final String peerAddress;

  Wire(boolean v6) throws Exception {
    this.v6 = v6;
    this.hostAddress = v6 ? "fd00::1" : "10.9.0.1";
    this.peerAddress = v6 ? "fd00::2" : "10.9.0.2";
    host.run(
        "ip",
        "link",
        "add",
        "wire0",
        "address",
        HOST_MAC,
        "type",
        "veth",
        "peer",
        "name",
        "wire0",
        "address",
        PEER_MAC,
        "netns",
        peer.tid());
    setUp(host, hostAddress, peerAddress, PEER_MAC);
    setUp(peer, peerAddress, hostAddress, HOST_MAC);
  }

  /** Gives a namespace's end of the wire its address and its neighbour. */
  void setUp(TestNamespace where, String address, String neighbour, String mac) throws Exception {
    if (v6) {
      where.run("ip", "addr", "add", address + "/64", "dev", "wire0", "nodad");
    } else {
      where.run("ip", "addr", "add", address + "/24", "dev", "wire0");
    }
    where.run("ip", "link", "set", "wire0", "up");
    neighbour(where, neighbour, mac);
  }

  private static void neighbour(TestNamespace where, String address, String mac) throws Exception {
    where.run("ip", "neigh", "replace", address, "lladdr", mac, "dev", "wire0", "nud", "permanent");
  }

  /** Loses all that the peer sends. */
  void cutToHost() throws Exception {
    neighbour(peer, hostAddress, NOBODY_MAC);
  }

  void joinToHost() throws Exception {
    neighbour(peer, hostAddress, HOST_MAC);
  }

  /** Loses all that the host sends. */
  void cutToPeer() throws Exception {
    neighbour(host, peerAddress, NOBODY_MAC);
  }

  void joinToPeer() throws Exception {
    neighbour(host, peerAddress, PEER_MAC);
  }

  /** Connects; a buffer size of 0 leaves it to the kernel. */
  TcpPair connect(int nearReceiveBytes, int farReceiveBytes) throws Exception {
    return connect(
        v6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET,
        nearReceiveBytes,
        farReceiveBytes);
  }

  TcpPair connect(StandardProtocolFamily family, int nearReceiveBytes, int farReceiveBytes)
      throws Exception {
    ServerSocketChannel listener = peer.call(() -> ServerSocketChannel.open(family));
    try (listener) {
      if (farReceiveBytes > 0) {
        listener.setOption(StandardSocketOptions.SO_RCVBUF, farReceiveBytes);
      }
      peer.call(() -> listener.bind(new InetSocketAddress(InetAddress.getByName(peerAddress), 0)));
      SocketChannel near = host.call(() -> SocketChannel.open(family));
      if (nearReceiveBytes > 0) {
        near.setOption(StandardSocketOptions.SO_RCVBUF, nearReceiveBytes);
      }
      host.call(() -> near.connect(listener.getLocalAddress()));
      return new TcpPair(near, listener.accept());
    }
  }

  /** Connects over the link-local addresses, which need a scope. */
  TcpPair connectLinkLocal() throws Exception {
    String peerLocal = "fe80::1:2";
    host.run("ip", "addr", "add", "fe80::1:1/64", "dev", "wire0", "nodad");
    peer.run("ip", "addr", "add", peerLocal + "/64", "dev", "wire0", "nodad");
    int peerScope = index(peer);
    int hostScope = index(host);
    byte[] address = InetAddress.getByName(peerLocal).getAddress();
    ServerSocketChannel listener =
        peer.call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET6));
    try (listener) {
      var local = new InetSocketAddress(Inet6Address.getByAddress(null, address, peerScope), 0);
      peer.call(() -> listener.bind(local));
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      var remote = new InetSocketAddress(Inet6Address.getByAddress(null, address, hostScope), port);
      SocketChannel near = host.call(() -> SocketChannel.open(StandardProtocolFamily.INET6));
      host.call(() -> near.connect(remote));
      return new TcpPair(near, listener.accept());
    }
  }

  /** Java's NetworkInterface reads /proc/net, which is the main thread's namespace. */
  private static int index(TestNamespace where) throws Exception {
    return where.call(() -> {
      try (Arena arena = Arena.ofConfined()) {
        return (int) NativeAccess.libc().if_nametoindex(arena.allocateFrom("wire0"));
      }
    });
  }

  @Override
  public void close() {
    host.close();
    peer.close();
  }
}

package dev.offramp.runtime.transfer;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.linux.HostOptions;
import dev.offramp.linux.HostStack;
import dev.offramp.linux.PathFacts;
import dev.offramp.linux.net.FourTuple;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.FutureTask;

/** Host, NIC and peer, and a connection of the host's to an echo at the peer. */
final class World implements AutoCloseable {
  final Topology topology;
  final HostStack hostStack;
  final HostStack nicStack;
  final SocketChannel connection;
  final FourTuple tuple;
  final FutureTask<Long> echo;
  private final SocketChannel peer;

  World() throws Exception {
    topology = Topology.create();
    hostStack = stack(topology.host().namespace());
    nicStack = stack(topology.nicNamespace());
    Topology.Node host = topology.host();
    try (ServerSocketChannel listener =
        topology
            .peer()
            .namespace()
            .call(() ->
                ServerSocketChannel.open()
                    .bind(new InetSocketAddress(topology.peer().ipv4(), 0)))) {
      InetSocketAddress to = (InetSocketAddress) listener.getLocalAddress();
      connection =
          host.namespace()
              .call(() -> {
                SocketChannel channel = SocketChannel.open(java.net.StandardProtocolFamily.INET);
                channel.connect(to);
                return channel;
              });
      peer = listener.accept();
    }
    tuple =
        new FourTuple(
            (InetSocketAddress) connection.getLocalAddress(),
            (InetSocketAddress) connection.getRemoteAddress());
    SocketChannel echoing = peer;
    echo = new FutureTask<>(() -> Conversation.echo(echoing));
    Thread.ofPlatform().name("echo").daemon(true).start(echo);
  }

  private static HostStack stack(NetworkNamespace namespace) {
    return HostStack.create(
        HostOptions.defaults()
            .withListener(TransferListener.NONE)
            .withNamespace(namespace)
            .withPathFacts(PathFacts.netlink()));
  }

  /** How many sockets of this connection a namespace has, in whatever state. */
  long sockets(NetworkNamespace namespace) throws IOException {
    String entry =
        ".*:%04X [0-9A-F]+:%04X .*".formatted(tuple.local().getPort(), tuple.remote().getPort());
    return namespace.call(() ->
        Files.readAllLines(Path.of("/proc/thread-self/net/tcp")).stream()
            .filter(line -> line.matches(entry))
            .count());
  }

  @Override
  public void close() throws IOException {
    connection.close();
    peer.close();
    topology.close();
  }
}

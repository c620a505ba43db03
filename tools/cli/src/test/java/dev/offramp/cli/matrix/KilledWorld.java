package dev.offramp.cli.matrix;

import dev.offramp.cli.matrix.MatrixCable.Place;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A peer, a host and a cable that outlive the processes which die in the middle, with a listener at
 * the peer. The NICs are opened by those.
 */
final class KilledWorld implements AutoCloseable {
  private static final String HOST_PORT = "port";
  private static final String KEEP_ALIVE = "tcp_keepalive_";

  private final NetworkNamespace host;
  private final MatrixCable cable;
  private final ServerSocketChannel listener;

  private KilledWorld(NetworkNamespace host, MatrixCable cable, ServerSocketChannel listener) {
    this.host = host;
    this.cable = cable;
    this.listener = listener;
  }

  static KilledWorld open() throws IOException {
    NetworkNamespace host = NetworkNamespace.create();
    MatrixCable cable = MatrixCable.around(host);
    for (Place place : Place.values()) {
      cable.nic(place).close();
    }
    // One that only waits for an answer has sent nothing that could be answered by RST.
    set(
        cable.peer().namespace(),
        Map.of(KEEP_ALIVE + "time", 1, KEEP_ALIVE + "intvl", 1, KEEP_ALIVE + "probes", 100));
    InetSocketAddress any = new InetSocketAddress(cable.peer().ipv4(), 0);
    return new KilledWorld(
        host,
        cable,
        cable
            .peer()
            .namespace()
            .call(() -> ServerSocketChannel.open(StandardProtocolFamily.INET).bind(any)));
  }

  private static void set(NetworkNamespace where, Map<String, Integer> settings)
      throws IOException {
    where.call(() -> {
      for (Map.Entry<String, Integer> each : settings.entrySet()) {
        Files.writeString(Path.of("/proc/sys/net/ipv4", each.getKey()), each.getValue().toString());
      }
      return true;
    });
  }

  ServerSocketChannel listener() {
    return listener;
  }

  KilledProcess start(Path journal) throws IOException {
    return KilledProcess.start(host, ports(Place.AT_PEER), ports(Place.AT_HOST), journal);
  }

  private KilledPorts ports(Place place) {
    SteeredNic nic = cable.nic(place);
    return new KilledPorts(
        cable.namespace(place).path(), HOST_PORT, nic.wirePort(), nic.identity());
  }

  /** Filters of connections, in both NICs. */
  int filters() throws IOException {
    int count = 0;
    for (Place place : Place.values()) {
      CommandLine at = CommandLine.in(cable.namespace(place));
      String wire = cable.nic(place).wirePort();
      for (String direction : List.of("ingress", "egress")) {
        count +=
            (int)
                at.tc("filter", "show", "dev", wire, direction)
                    .lines()
                    .filter(line -> line.contains(" fh ") && line.contains("flowid"))
                    .count();
      }
    }
    // Each wire port passes on what is nobody's.
    return count - Place.values().length;
  }

  /** A socket of a connection that is not over, on the host's side of the cable. */
  record Socket(String where, String state, boolean isHeld) {}

  /** Those of the connection whose end at the host has this port. */
  List<Socket> sockets(int hostPort) throws IOException {
    int peerPort = ((InetSocketAddress) listener.getLocalAddress()).getPort();
    String ends = ".*:%04X [0-9A-F]+:%04X .*".formatted(hostPort, peerPort);
    List<Socket> sockets = new ArrayList<>();
    for (NetworkNamespace each :
        List.of(host, cable.namespace(Place.AT_PEER), cable.namespace(Place.AT_HOST))) {
      String name =
          each.equals(host)
              ? "host"
              : each.equals(cable.namespace(Place.AT_PEER)) ? "NIC at peer" : "NIC at host";
      each.call(() -> Files.readAllLines(Path.of("/proc/thread-self/net/tcp"))).stream()
          .filter(line -> line.matches(ends))
          .map(line -> line.strip().split(" +"))
          // sl, ends, state, queues, timer, retransmissions, uid, timeout, inode
          .forEach(words -> sockets.add(new Socket(name, words[3], !words[9].equals("0"))));
    }
    return sockets;
  }

  @Override
  public void close() throws IOException {
    try (host;
        cable) {
      listener.close();
    }
  }
}

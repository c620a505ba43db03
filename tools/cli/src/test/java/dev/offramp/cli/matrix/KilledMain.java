package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The process that dies. It has the NICs, the models of the adapters, and the moving ends of
 * connections; it does as it is told, and stands still where it is to be killed.
 */
final class KilledMain {
  static final String NIC = "killed";

  private final KilledPorts atPeer;
  private final KilledPorts atHost;
  private final Path journal;
  private final Map<Integer, KilledMove> moves = new HashMap<>();

  private KilledMain(KilledPorts atPeer, KilledPorts atHost, Path journal) {
    this.atPeer = atPeer;
    this.atHost = atHost;
    this.journal = journal;
  }

  /** Takes orders, a line each; ports at the peer, ports at the host, the journal's directory. */
  public static void main(String[] arguments) throws Exception {
    say("up");
    new KilledMain(
            KilledPorts.decode(arguments[0]),
            KilledPorts.decode(arguments[1]),
            Path.of(arguments[2]))
        .obey();
  }

  static synchronized void say(String line) {
    PrintStream out = System.out;
    out.println(line);
    out.flush();
  }

  /** Of one process, which goes with all of it. */
  record Nics(
      SteeredNic atPeer,
      NetworkNamespace peerSide,
      SteeredNic atHost,
      NetworkNamespace hostSide,
      Path journal) {}

  private void obey() throws Exception {
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    Nics nics = null;
    for (String line = orders.readLine(); line != null; line = orders.readLine()) {
      String[] words = line.split(" ", -1);
      switch (words[0]) {
        case "open" -> {
          nics = open();
          say("opened");
        }
        case "connect" -> connect(java.util.Objects.requireNonNull(nics), words);
        case "go" ->
            java.util.Objects.requireNonNull(moves.get(Integer.valueOf(words[1])))
                .go(decode(words[2]));
        default -> throw new IllegalArgumentException(line);
      }
    }
  }

  private Nics open() throws IOException {
    NetworkNamespace peerSide = atPeer.enter();
    NetworkNamespace hostSide = atHost.enter();
    Nics nics = new Nics(atPeer.open(peerSide), peerSide, atHost.open(hostSide), hostSide, journal);
    DetachedNics.provide(NIC, nics.atPeer(), peerSide);
    return nics;
  }

  /** {@code connect NUMBER FROM TO TRAFFIC ADDRESS PORT MOMENT}. */
  private void connect(Nics nics, String[] words) throws Exception {
    int number = Integer.parseInt(words[1]);
    KilledMove move =
        new KilledMove(
            nics,
            number,
            MatrixOwner.valueOf(words[2]),
            MatrixOwner.valueOf(words[3]),
            MatrixTraffic.valueOf(words[4]),
            words[7]);
    moves.put(number, move);
    InetSocketAddress peer =
        new InetSocketAddress(InetAddress.getByName(words[5]), Integer.parseInt(words[6]));
    say("connected %d %s".formatted(number, encode(move.connect(peer))));
  }

  static String encode(List<RemoteBuffer> buffers) {
    List<String> words = new ArrayList<>();
    for (RemoteBuffer each : buffers) {
      words.add("%d:%d:%d".formatted(each.stag(), each.taggedOffset(), each.lengthBytes()));
    }
    return String.join(",", words);
  }

  static List<RemoteBuffer> decode(String word) {
    List<RemoteBuffer> buffers = new ArrayList<>();
    for (String each : word.split(",", -1)) {
      String[] parts = each.split(":", -1);
      buffers.add(
          new RemoteBuffer(
              Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Long.parseLong(parts[2])));
    }
    return buffers;
  }
}

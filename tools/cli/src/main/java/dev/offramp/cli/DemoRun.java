package dev.offramp.cli;

import dev.offramp.cli.demo.DemoReport;
import dev.offramp.cli.demo.Events;
import dev.offramp.cli.demo.HostParty;
import dev.offramp.cli.demo.PartyPlan;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * One demonstration: this process is the host, another one the peer.
 *
 * @param bytes how many each way by each RDMA operation
 * @param rnic the RNIC that takes the host's connection
 * @param settings settings for the runtime
 * @param modelled whether the RNIC is a model of an adapter
 */
record DemoRun(long bytes, String rnic, Map<String, String> settings, boolean modelled) {
  private static final long PLAIN_BYTES = 16L << 20;

  /** The load under refused moves, in multiples of what RDMA moves, within limits. */
  private static final long LOAD_FACTOR = 4;

  private static final long MIN_LOAD_BYTES = 16L << 20;
  private static final long MAX_LOAD_BYTES = 256L << 20;

  /**
   * Holds the conversations.
   *
   * @param peerPrefix what to put before the peer's command
   * @param peerAddress where the peer listens
   * @param report gets all events
   * @param screen shows them
   */
  void hold(List<String> peerPrefix, InetAddress peerAddress, DemoReport report, DemoScreen screen)
      throws IOException, InterruptedException {
    report.put("ip", peerAddress instanceof Inet6Address ? "ipv6" : "ipv4");
    screen.begin(report.toMap());
    List<String> arguments =
        List.of(
            "demo-peer",
            "--address=" + peerAddress.getHostAddress(),
            "--bytes=" + bytes,
            "--plain-bytes=" + PLAIN_BYTES,
            "--load-bytes=" + loadBytes());
    try (PeerProcess peer =
        PeerProcess.start(
            Relaunch.command(peerPrefix, arguments),
            event -> {
              report.accept("peer", event);
              screen.event("peer", event);
            })) {
      PartyPlan plan =
          new PartyPlan(
              new InetSocketAddress(peerAddress, peer.port()),
              bytes,
              PLAIN_BYTES,
              loadBytes(),
              rnic,
              settings,
              modelled);
      new HostParty(
              plan,
              new Events(event -> {
                report.accept("host", event);
                screen.event("host", event);
              }))
          .run();
      peer.awaitEnd();
    }
  }

  private long loadBytes() {
    return Math.clamp(bytes * LOAD_FACTOR, MIN_LOAD_BYTES, MAX_LOAD_BYTES);
  }
}

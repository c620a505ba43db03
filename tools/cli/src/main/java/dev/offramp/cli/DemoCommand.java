package dev.offramp.cli;

import dev.offramp.api.OfframpOptions;
import dev.offramp.cli.demo.DemoReport;
import dev.offramp.cli.demo.Events;
import dev.offramp.cli.demo.HostParty;
import dev.offramp.cli.demo.PartyPlan;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code offramp demo}: the main job, end to end. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Moves a live connection between two processes onto the software RNIC, and runs RDMA over"
          + " it.",
      "",
      "Builds network namespaces of its own, as root or with 'unshare -Urn', and removes them."
          + " Where that is not possible it says so, and the RNIC stays on the host's socket."
    })
final class DemoCommand implements Callable<Integer> {
  /** Set in the process that runs inside the demonstration's own namespace. */
  private static final String INSIDE = "OFFRAMP_DEMO_INSIDE";

  private static final String NIC_NAME = "demo";
  private static final long MAX_BYTES = 1L << 32;
  private static final long PLAIN_BYTES = 16L << 20;

  /** The load under refused moves, in multiples of what RDMA moves, within limits. */
  private static final long LOAD_FACTOR = 4;

  private static final long MIN_LOAD_BYTES = 16L << 20;
  private static final long MAX_LOAD_BYTES = 256L << 20;

  /** Where the RNIC works. */
  enum Residence {
    HOST,
    DETACHED
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--residence",
      paramLabel = "host|detached",
      description = "Where the RNIC works; detached where this machine allows it.")
  private @Nullable Residence residence;

  @Option(
      names = "--bytes",
      paramLabel = "N",
      defaultValue = "64M",
      converter = ByteSize.class,
      description = "Bytes each way by each of Write, Read and Send; K, M, G. Default: 64M.")
  private long bytes;

  @Option(names = "--ipv6", description = "Talk IPv6.")
  private boolean ipv6;

  @Option(names = "--json", description = "Print one JSON object, and nothing else.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (bytes < 8 || bytes % 8 != 0 || bytes > MAX_BYTES) {
      throw new ParameterException(
          spec.commandLine(), "--bytes: seen [" + bytes + "], expected a multiple of 8 up to 4G");
    }
    if (residence == Residence.HOST) {
      return runOnHost("");
    }
    if (System.getenv(INSIDE) != null) {
      return runDetached();
    }
    String obstacle = Confinement.obstacle();
    if (obstacle.isEmpty()) {
      return Relaunch.inherit(Relaunch.command(Confinement.prefix(INSIDE), arguments()));
    }
    if (residence == Residence.DETACHED) {
      throw new UnavailableException("the detached residence is not possible here: " + obstacle);
    }
    return runOnHost("no namespaces (" + obstacle + "), so the RNIC stays on the host's socket");
  }

  private long loadBytes() {
    return Math.clamp(bytes * LOAD_FACTOR, MIN_LOAD_BYTES, MAX_LOAD_BYTES);
  }

  private List<String> arguments() {
    List<String> arguments = new ArrayList<>(List.of("demo", "--residence", "detached"));
    arguments.addAll(List.of("--bytes", Long.toString(bytes)));
    if (ipv6) {
      arguments.add("--ipv6");
    }
    if (json) {
      arguments.add("--json");
    }
    return arguments;
  }

  private int runOnHost(String note) throws IOException, InterruptedException {
    InetAddress loopback = InetAddress.getByName(ipv6 ? "::1" : "127.0.0.1");
    return run(List.of(), loopback, OfframpOptions.HOST_RESIDENT, Map.of(), note);
  }

  private int runDetached() throws IOException, InterruptedException {
    try (NetworkNamespace here = NetworkNamespace.current();
        Topology topology = Topology.around(here, Topology.Plan.usual());
        DetachedNics.Registration nic =
            DetachedNics.provide(NIC_NAME, topology.nic(), topology.nicNamespace())) {
      InetAddress peer = ipv6 ? topology.peer().ipv6() : topology.peer().ipv4();
      List<String> prefix = List.of("nsenter", "--net=" + topology.peer().namespace().path());
      Map<String, String> settings = Map.of(DetachedNics.SETTING, nic.name());
      return run(prefix, peer, OfframpOptions.DETACHED, settings, "");
    }
  }

  private int run(
      List<String> peerPrefix,
      InetAddress peerAddress,
      String rnic,
      Map<String, String> settings,
      String note)
      throws IOException, InterruptedException {
    DemoReport report = new DemoReport();
    report.put("residence", rnic.equals(OfframpOptions.DETACHED) ? "detached" : "host");
    report.put("ip", peerAddress instanceof Inet6Address ? "ipv6" : "ipv4");
    if (!note.isEmpty()) {
      report.put("note", note);
    }
    PrintWriter out = spec.commandLine().getOut();
    DemoScreen screen = new DemoScreen(json ? null : out);
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
              settings);
      new HostParty(
              plan,
              new Events(event -> {
                report.accept("host", event);
                screen.event("host", event);
              }))
          .run();
      peer.awaitEnd();
    }
    screen.end(report.toMap());
    if (json) {
      out.println(Json.pretty(report.toMap()));
    }
    out.flush();
    return report.isGood() ? ExitCode.OK : ExitCode.FAILED;
  }
}

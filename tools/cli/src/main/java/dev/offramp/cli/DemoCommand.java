package dev.offramp.cli;

import dev.offramp.api.OfframpOptions;
import dev.offramp.cli.demo.DemoReport;
import dev.offramp.cli.matrix.MatrixRun;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import dev.offramp.runtime.stream.DetachedNics;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
      "Moves a live connection between two processes onto an RNIC, and runs RDMA over it.",
      "",
      "Builds network namespaces of its own, as root or with 'unshare -Urn', and removes them."
          + " Where that is not possible it says so, and softiwarp stays on the host's socket; an"
          + " adapter, which is emulated (a model, not silicon), needs them."
    })
final class DemoCommand implements Callable<Integer> {
  /** Set in the process that runs inside the demonstration's own namespace. */
  private static final String INSIDE = "OFFRAMP_DEMO_INSIDE";

  private static final String NIC_NAME = "demo";
  private static final long MAX_BYTES = 1L << 32;
  private static final long SOFTIWARP_BYTES = 64L << 20;
  private static final long ADAPTER_BYTES = 256L << 20;

  /** Where softiwarp works. */
  enum Residence {
    HOST,
    DETACHED
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--rnic",
      paramLabel = "NAME",
      defaultValue = OfframpOptions.HOST_RESIDENT,
      description =
          "The RNIC: softiwarp, or an emulated adapter: t5, t6, x722, e810. Default: softiwarp.")
  private String rnic;

  @Option(
      names = "--residence",
      paramLabel = "host|detached",
      description = "Where softiwarp works; detached where this machine allows it.")
  private @Nullable Residence residence;

  @Option(
      names = "--bytes",
      paramLabel = "N",
      converter = ByteSize.class,
      description =
          "Bytes each way by each of Write, Read and Send; K, M, G. Default: 64M, and 256M with an"
              + " emulated adapter.")
  private @Nullable Long bytes;

  @Option(
      names = "--matrix",
      description =
          "Each owner to each, 25 pairs, instead: what moves, what is refused and why, and that"
              + " nothing is lost either way.")
  private boolean matrix;

  @Option(
      names = "--svg",
      paramLabel = "FILE",
      description = "With --matrix: write a picture of it.")
  private @Nullable Path svg;

  @Option(names = "--ipv6", description = "Talk IPv6.")
  private boolean ipv6;

  @Option(names = "--json", description = "Print one JSON object, and nothing else.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    if (matrix) {
      return matrix();
    }
    if (svg != null) {
      throw new ParameterException(spec.commandLine(), "--svg is --matrix's");
    }
    if (bytes() < 8 || bytes() % 8 != 0 || bytes() > MAX_BYTES) {
      throw new ParameterException(
          spec.commandLine(), "--bytes: seen [" + bytes + "], expected a multiple of 8 up to 4G");
    }
    if (!isAdapter()) {
      return softiwarp();
    }
    AdapterModelFactory kind = kind();
    if (residence != null) {
      throw new ParameterException(
          spec.commandLine(), "--residence is softiwarp's; an emulated adapter has its own place");
    }
    if (System.getenv(INSIDE) != null) {
      return onAdapter(kind);
    }
    String obstacle = Confinement.obstacle();
    if (!obstacle.isEmpty()) {
      throw new UnavailableException("an emulated adapter is not possible here: " + obstacle);
    }
    return relaunch(List.of("--rnic", rnic));
  }

  private int matrix() throws Exception {
    if (isAdapter() || residence != null) {
      throw new ParameterException(
          spec.commandLine(), "--matrix has every RNIC and residence; leave the options away");
    }
    MatrixRun run;
    try {
      run = new MatrixRun(bytes(), ipv6);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
    }
    if (System.getenv(INSIDE) == null) {
      String obstacle = Confinement.obstacle();
      if (!obstacle.isEmpty()) {
        throw new UnavailableException("the matrix is not possible here: " + obstacle);
      }
      Path picture = svg;
      return relaunch(
          picture == null
              ? List.of("--matrix")
              : List.of("--matrix", "--svg", picture.toAbsolutePath().toString()));
    }
    PrintWriter out = spec.commandLine().getOut();
    run.run(line -> {
      if (!json) {
        out.println(line);
        out.flush();
      }
    });
    if (svg != null) {
      Files.writeString(svg, run.svg());
    }
    if (json) {
      out.println(Json.pretty(run.toMap()));
    } else {
      out.println(run.summary());
    }
    out.flush();
    return run.isGood() ? ExitCode.OK : ExitCode.FAILED;
  }

  private int softiwarp() throws Exception {
    if (residence == Residence.HOST) {
      return onHost("");
    }
    if (System.getenv(INSIDE) != null) {
      return detached();
    }
    String obstacle = Confinement.obstacle();
    if (obstacle.isEmpty()) {
      return relaunch(List.of("--residence", "detached"));
    }
    if (residence == Residence.DETACHED) {
      throw new UnavailableException("the detached residence is not possible here: " + obstacle);
    }
    return onHost("no namespaces (" + obstacle + "), so the RNIC stays on the host's socket");
  }

  private boolean isAdapter() {
    return !rnic.equals(OfframpOptions.HOST_RESIDENT);
  }

  private AdapterModelFactory kind() {
    Optional<AdapterModelFactory> kind = AdapterModels.find(rnic);
    if (kind.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "--rnic: seen [%s], expected softiwarp or one of %s"
              .formatted(rnic, EmulatedWorld.kinds()));
    }
    return kind.get();
  }

  private long bytes() {
    Long given = bytes;
    return given != null ? given : isAdapter() ? ADAPTER_BYTES : SOFTIWARP_BYTES;
  }

  private int relaunch(List<String> choice) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("demo"));
    arguments.addAll(choice);
    arguments.addAll(List.of("--bytes", Long.toString(bytes())));
    if (ipv6) {
      arguments.add("--ipv6");
    }
    if (json) {
      arguments.add("--json");
    }
    return Relaunch.inherit(Relaunch.command(Confinement.prefix(INSIDE), arguments));
  }

  private int onHost(String note) throws IOException, InterruptedException {
    InetAddress loopback = InetAddress.getByName(ipv6 ? "::1" : "127.0.0.1");
    DemoReport report = new DemoReport();
    report.put("residence", "host");
    if (!note.isEmpty()) {
      report.put("note", note);
    }
    DemoScreen screen = screen();
    new DemoRun(bytes(), OfframpOptions.HOST_RESIDENT, Map.of(), false)
        .hold(List.of(), loopback, report, screen);
    return end(report, screen);
  }

  private int detached() throws IOException, InterruptedException {
    DemoReport report = new DemoReport();
    DemoScreen screen = screen();
    try (NetworkNamespace here = NetworkNamespace.current();
        Topology topology = Topology.around(here, Topology.Plan.usual());
        DetachedNics.Registration nic =
            DetachedNics.provide(NIC_NAME, topology.nic(), topology.nicNamespace())) {
      report.put("residence", "detached");
      Map<String, String> settings = Map.of(DetachedNics.SETTING, nic.name());
      new DemoRun(bytes(), OfframpOptions.DETACHED, settings, false)
          .hold(peerPrefix(topology), peerAddress(topology), report, screen);
    }
    return end(report, screen);
  }

  private int onAdapter(AdapterModelFactory kind) throws IOException, InterruptedException {
    DemoReport report = new DemoReport();
    DemoScreen screen = screen();
    try (EmulatedWorld world = EmulatedWorld.open(kind)) {
      report.put("rnic", rnic);
      report.put("model", true);
      report.put("description", kind.description());
      report.put("residence", "adapter");
      try {
        new DemoRun(bytes(), rnic, Map.of(), true)
            .hold(peerPrefix(world.topology()), peerAddress(world.topology()), report, screen);
      } catch (IOException e) {
        throw explained(e, world.adapter().model().complaints());
      }
      report.put("left_behind", world.leftBehind());
      report.put("leaks", world.adapter().memory().leaks());
      report.put("complaints", world.adapter().model().complaints());
    }
    return end(report, screen);
  }

  /** A chip gives numbers; its model knows more. */
  private static IOException explained(IOException e, List<String> complaints) {
    return complaints.isEmpty()
        ? e
        : new IOException(
            e.getMessage() + "\n  the model says: " + String.join("\n  ", complaints), e);
  }

  private static List<String> peerPrefix(Topology topology) {
    return List.of("nsenter", "--net=" + topology.peer().namespace().path());
  }

  private InetAddress peerAddress(Topology topology) {
    return ipv6 ? topology.peer().ipv6() : topology.peer().ipv4();
  }

  private DemoScreen screen() {
    return new DemoScreen(json ? null : spec.commandLine().getOut());
  }

  private int end(DemoReport report, DemoScreen screen) {
    PrintWriter out = spec.commandLine().getOut();
    screen.end(report.toMap());
    if (json) {
      out.println(Json.pretty(report.toMap()));
    }
    out.flush();
    return report.isGood() ? ExitCode.OK : ExitCode.FAILED;
  }
}

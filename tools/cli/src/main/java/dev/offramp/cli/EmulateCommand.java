package dev.offramp.cli;

import dev.offramp.linux.net.Topology;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.AdapterModels;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code offramp emulate}: an adapter that stays up, and something that uses it. */
@Command(
    name = "emulate",
    mixinStandardHelpOptions = true,
    description = {
      "Keeps an emulated adapter up, and runs a command of offramp on it until that ends or Ctrl-C"
          + " comes. A model, not silicon.",
      "",
      "Builds network namespaces of its own, as root or with 'unshare -Urn': one for the host, in"
          + " which the command runs; one for the peer, in which other programs can be run; and the"
          + " adapter's, in the cable between them."
    })
final class EmulateCommand implements Callable<Integer> {
  private static final String INSIDE = "OFFRAMP_EMULATE_INSIDE";
  private static final String RPING_PORT = "7174";

  @Spec private CommandSpec spec;

  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description = "Write down every access of the driver: registers, DMA memory, interrupts.")
  private @Nullable Path trace;

  @Parameters(index = "0", paramLabel = "KIND", description = "The adapter: t5, t6, x722 or e810.")
  private String kind;

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "COMMAND",
      description =
          "A command of offramp that uses the RNIC of that name. Without one: an rping server.")
  private List<String> command = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    AdapterModelFactory factory =
        AdapterModels.find(kind)
            .orElseThrow(() ->
                new ParameterException(
                    spec.commandLine(),
                    "seen [%s], expected one of %s".formatted(kind, EmulatedWorld.kinds())));
    if (System.getenv(INSIDE) != null) {
      return inside(factory);
    }
    String obstacle = Confinement.obstacle();
    if (!obstacle.isEmpty()) {
      throw new UnavailableException("an emulated adapter is not possible here: " + obstacle);
    }
    List<String> arguments = new ArrayList<>(List.of("emulate"));
    if (trace != null) {
      arguments.addAll(List.of("--trace", trace.toAbsolutePath().toString()));
    }
    arguments.add(kind);
    arguments.addAll(command);
    return Relaunch.inherit(Relaunch.command(Confinement.prefix(INSIDE), arguments));
  }

  private int inside(AdapterModelFactory factory) throws IOException {
    Relaunch.endWithParent();
    Path file = trace;
    if (file == null) {
      return run(factory, null);
    }
    try (PrintWriter lines =
        new PrintWriter(Files.newBufferedWriter(file, StandardCharsets.UTF_8), true)) {
      return run(factory, lines);
    }
  }

  private int run(AdapterModelFactory factory, @Nullable PrintWriter lines) throws IOException {
    try (EmulatedWorld world = EmulatedWorld.open(factory, lines)) {
      List<String> running = command.isEmpty() ? rping(world.topology()) : command;
      introduce(factory, world.topology(), running);
      return Main.commandLine().execute(running.toArray(String[]::new));
    }
  }

  private List<String> rping(Topology topology) {
    return List.of(
        "rping",
        "-s",
        "-P",
        "-v",
        "-a",
        topology.host().ipv4().getHostAddress(),
        "-p",
        RPING_PORT,
        "--rnic",
        kind,
        "--accept-losses");
  }

  private void introduce(AdapterModelFactory factory, Topology topology, List<String> running) {
    String enter = Confinement.enter(topology.peer().namespace().path());
    Topology.Node host = topology.host();
    Topology.Node peer = topology.peer();
    PrintWriter out = spec.commandLine().getOut();
    out.println(kind + ": " + factory.description());
    out.println("A model, not silicon. TCP timestamps are off: no adapter continues them.");
    out.println();
    out.println("host     %s, %s: this process".formatted(text(host.ipv4()), text(host.ipv6())));
    out.println(
        "peer     %s, %s: programs that are started by"
            .formatted(text(peer.ipv4()), text(peer.ipv6())));
    out.println("         " + enter + " PROGRAM");
    if (command.isEmpty()) {
      out.println(
          "try      %s ./offramp rping -c -a %s -C 3 -V -v".formatted(enter, text(host.ipv4())));
    }
    out.println("running  " + String.join(" ", running));
    out.println("Ctrl-C ends it.");
    out.println();
    out.flush();
  }

  private static String text(java.net.InetAddress address) {
    return address.getHostAddress();
  }

  /** What follows the kind belongs to the command. */
  static void configure(CommandLine commandLine) {
    commandLine.setStopAtPositional(true);
  }
}

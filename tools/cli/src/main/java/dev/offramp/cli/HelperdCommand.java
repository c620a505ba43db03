package dev.offramp.cli;

import dev.offramp.linux.helper.HelperServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code offramp helperd}. Capabilities belong to threads, and a JVM has many before it runs any
 * Java: so the privileges are dropped by setpriv, before the JVM that serves is started.
 */
@Command(
    name = "helperd",
    mixinStandardHelpOptions = true,
    description =
        "Serves applications that have no privilege: with CAP_NET_ADMIN and nothing else, it sets"
            + " the socket options that a hand-over needs on sockets that they pass to it.")
final class HelperdCommand implements Callable<Integer> {
  /** CAP_NET_ADMIN, include/uapi/linux/capability.h. */
  private static final long ONLY_NET_ADMIN = 1L << 12;

  private static final String MARK = "OFFRAMP_HELPERD";

  @Spec private CommandSpec spec;

  @Option(
      names = "--socket",
      required = true,
      paramLabel = "PATH",
      description = "The Unix socket to serve at; its directory has to be writable for --as.")
  private Path socket;

  @Option(
      names = "--user",
      required = true,
      split = ",",
      paramLabel = "UID",
      description = "The number of a user that is served; several with commas.")
  private Set<Integer> users;

  @Option(
      names = "--as",
      defaultValue = "65534",
      paramLabel = "UID",
      description = "The user and group to run as (default ${DEFAULT-VALUE}: nobody).")
  private int as;

  @Override
  public Integer call() throws Exception {
    if (System.getenv(MARK) == null) {
      return confine();
    }
    requireConfined();
    if (!HelperServer.isPrivileged()) {
      throw new UnavailableException(
          "CAP_NET_ADMIN is of no use here: this network namespace belongs to another user"
              + " namespace; run it as root there");
    }
    try (HelperServer server = HelperServer.open(socket, users)) {
      Runtime.getRuntime()
          .addShutdownHook(Thread.ofPlatform().unstarted(() -> closeQuietly(server)));
      spec.commandLine().getOut().println("serving users " + users + " at " + socket);
      spec.commandLine().getOut().flush();
      new CountDownLatch(1).await();
    }
    return ExitCode.OK;
  }

  private static void closeQuietly(HelperServer server) {
    try {
      server.close();
    } catch (IOException e) {
      // The process ends; a socket file that is left is found by the next one.
    }
  }

  private Integer confine() throws Exception {
    if (!Relaunch.isOnPath("setpriv")) {
      throw new UnavailableException(
          "setpriv is missing; on Debian or Ubuntu: apt-get install util-linux");
    }
    List<String> prefix =
        List.of(
            "setpriv",
            "--reuid=" + as,
            "--regid=" + as,
            "--clear-groups",
            "--no-new-privs",
            "--inh-caps=-all,+net_admin",
            "--ambient-caps=-all,+net_admin",
            "--bounding-set=-all,+net_admin",
            "env",
            MARK + "=1");
    return Relaunch.inherit(Relaunch.command(prefix, arguments()));
  }

  private List<String> arguments() {
    return List.of(
        "helperd",
        "--socket",
        socket.toAbsolutePath().toString(),
        "--user",
        String.join(",", users.stream().map(String::valueOf).toList()));
  }

  /** Seen on this very process: what was meant to be dropped may not have been. */
  private static void requireConfined() throws IOException, UnavailableException {
    List<String> status = Files.readAllLines(Path.of("/proc/self/status"));
    for (String name : List.of("CapPrm", "CapEff", "CapBnd")) {
      long seen = Long.parseUnsignedLong(value(status, name), 16);
      if (seen != ONLY_NET_ADMIN) {
        throw new UnavailableException(
            "%s: seen [%x], expected [%x], CAP_NET_ADMIN alone; start it as root, without %s"
                .formatted(name, seen, ONLY_NET_ADMIN, MARK));
      }
    }
    if (!value(status, "NoNewPrivs").equals("1")) {
      throw new UnavailableException("NoNewPrivs: seen [0], expected [1]");
    }
  }

  private static String value(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("0");
  }
}

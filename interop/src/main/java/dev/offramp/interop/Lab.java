package dev.offramp.interop;

import dev.offramp.linux.net.NetworkNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One running guest with stock siw, and the namespace that its host end is in. Driven through the
 * {@code siw-lab} script. Closing it stops the guest and all that runs in the namespace.
 */
final class Lab implements AutoCloseable {
  /** The guest's addresses. */
  static final String GUEST = "10.77.0.1";

  static final String GUEST_V6 = "fd77::1";

  /** The addresses of the host end. */
  static final String HOST = "10.77.0.254";

  static final String HOST_V6 = "fd77::254";

  /** The guest's Ethernet address, which siw-lab gives it. */
  static final String GUEST_MAC = "52:54:00:77:00:01";

  /** The bridge that host end and guest are ports of. */
  static final String BRIDGE = "br0";

  private static final Duration PREPARE_LIMIT = Duration.ofMinutes(5);
  private static final Duration BOOT_LIMIT = Duration.ofMinutes(3);
  private static final Duration SHORT = Duration.ofSeconds(20);
  private static final int UNUSABLE = 3;

  private final Path script;
  private final String name;
  private final NetworkNamespace namespace;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Lab(Path script, String name, NetworkNamespace namespace) {
    this.script = script;
    this.name = name;
    this.namespace = namespace;
  }

  /**
   * Prepares what is missing, and boots a guest.
   *
   * @param script siw-lab
   * @throws UnusableException when this machine cannot: the reason and the remedy
   */
  static Lab up(Path script) throws IOException, InterruptedException {
    if (!"root".equals(System.getProperty("user.name"))) {
      throw new UnusableException(
          "seen [user "
              + System.getProperty("user.name")
              + "], expected root: the suite installs Debian packages, makes network namespaces and"
              + " taps, and boots virtual machines; run it as root, for example in a container with"
              + " /dev/net/tun");
    }
    require(script, PREPARE_LIMIT, "prepare");
    String name = "interop" + ProcessHandle.current().pid();
    require(script, BOOT_LIMIT, "up", name, "-n", "1", "--mem", "768");
    NetworkNamespace namespace = NetworkNamespace.ofPath(Path.of("/run/netns/siw-lab-" + name));
    Lab lab = new Lab(script, name, namespace);
    // The guest is no child of this process: it would outlive an interrupted run.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(lab::closeAtLast));
    try {
      lab.addIpv6();
      return lab;
    } catch (IOException | InterruptedException | RuntimeException e) {
      lab.close();
      throw e;
    }
  }

  private static void require(Path script, Duration limit, String... arguments)
      throws IOException, InterruptedException {
    if (!Files.isExecutable(script)) {
      throw new UnusableException("seen [no program " + script + "], expected siw-lab there");
    }
    List<String> command = new java.util.ArrayList<>(List.of(script.toString()));
    command.addAll(List.of(arguments));
    try (Run run = Run.start("siw-lab " + arguments[0], command)) {
      int status = run.await(limit);
      if (status == UNUSABLE) {
        throw new UnusableException(run.output());
      }
      if (status != 0) {
        throw new UnusableException(
            "siw-lab " + arguments[0] + " ended with status " + status + ":\n" + run.output());
      }
    }
  }

  /** siw takes whatever addresses its network card has. */
  private void addIpv6() throws IOException, InterruptedException {
    guest(SHORT, "ip -6 addr add " + GUEST_V6 + "/64 dev eth0").succeed(SHORT);
    host("ip", "-6", "addr", "add", HOST_V6 + "/64", "dev", BRIDGE, "nodad").succeed(SHORT);
    // Duplicate address detection takes a second or two; nothing can be bound until it is over.
    String tentative = "ip -6 addr show dev eth0 | grep fd77 | grep -q tentative";
    guest(SHORT, "while " + tentative + "; do sleep 0.1; done").succeed(SHORT);
  }

  /**
   * Starts a shell command in the guest.
   *
   * @param limit after which the guest kills it
   */
  Run guest(Duration limit, String command) throws IOException {
    return Run.start(
        "guest: " + command.split(" ", 2)[0],
        List.of(
            script.toString(),
            "exec",
            "-t",
            Long.toString(Math.max(1, limit.toSeconds())),
            name,
            "1",
            command));
  }

  /** Starts a program in the host end's namespace. */
  Run host(String... command) throws IOException {
    List<String> inside =
        new java.util.ArrayList<>(List.of("nsenter", "--net=/run/netns/siw-lab-" + name));
    inside.addAll(List.of(command));
    return Run.start(command[0], inside);
  }

  /** Waits until something in the guest listens at this port; siw's listeners are sockets too. */
  void awaitListener(int port) throws IOException, InterruptedException {
    String listening = String.format(Locale.ROOT, ":%04X [0-9A-F:]+ 0A", port);
    guest(
            SHORT,
            "until grep -qE '" + listening + "' /proc/net/tcp /proc/net/tcp6; do sleep 0.05; done")
        .succeed(SHORT);
  }

  /** The namespace of the host end. */
  NetworkNamespace namespace() {
    return namespace;
  }

  /** What the guest's kernel is. */
  String kernel() throws IOException, InterruptedException {
    return guest(SHORT, "uname -r").succeed(SHORT).strip();
  }

  private void closeAtLast() {
    try {
      close();
    } catch (IOException e) {
      System.err.println("interop: the lab " + name + " may still run: " + e.getMessage());
    }
  }

  @Override
  public void close() throws IOException {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    namespace.close();
    try (Run down = Run.start("siw-lab down", List.of(script.toString(), "down", name))) {
      down.await(SHORT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

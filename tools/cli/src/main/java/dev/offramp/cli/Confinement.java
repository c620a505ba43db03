package dev.offramp.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process in namespaces of its own: by root's right, or by a user namespace. */
final class Confinement {
  private static final long PROBE_SECONDS = 10;

  private Confinement() {}

  /** Why a process cannot be confined here; empty when it can. */
  static String obstacle() throws InterruptedException {
    for (String program : List.of("unshare", "nsenter", "ip")) {
      if (!Relaunch.isOnPath(program)) {
        return program + " is missing; on Debian or Ubuntu: apt-get install iproute2 util-linux";
      }
    }
    return works(unshare())
        ? ""
        : "'"
            + String.join(" ", unshare())
            + "' is not permitted; run as root, or allow"
            + " unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1,"
            + " kernel.apparmor_restrict_unprivileged_userns=0)";
  }

  /**
   * What to put before a command, so that it runs confined and finds {@code mark} set. Loopback
   * comes up first: a JVM decides when it starts whether there is any IPv6, and sees none without.
   */
  static List<String> prefix(String mark) {
    return Stream.concat(
            unshare().stream(),
            Stream.of("sh", "-c", "ip link set lo up && exec \"$0\" \"$@\"", "env", mark + "=1"))
        .toList();
  }

  /**
   * What to put before a command of another terminal, so that it runs in a network namespace of
   * this process.
   *
   * @param namespace a path in /proc
   */
  static String enter(String namespace) {
    String net = "nsenter --net=" + namespace;
    // A user namespace has to be entered, too, and its owner is root there and nobody's root here.
    return isUserNamespace()
        ? "nsenter -U --preserve-credentials -t " + ProcessHandle.current().pid() + " " + net
        : net;
  }

  /** Whether this is not the first user namespace, in which every user has its own number. */
  private static boolean isUserNamespace() {
    try {
      return !Files.readString(Path.of("/proc/self/uid_map"))
          .strip()
          .matches("0\\s+0\\s+4294967295");
    } catch (IOException e) {
      return false;
    }
  }

  private static List<String> unshare() {
    return isRoot() ? List.of("unshare", "-n") : List.of("unshare", "-Urn");
  }

  private static boolean isRoot() {
    return "root".equals(System.getProperty("user.name"));
  }

  private static boolean works(List<String> prefix) throws InterruptedException {
    try {
      Process probe =
          new ProcessBuilder(Stream.concat(prefix.stream(), Stream.of("true")).toList())
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!probe.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        probe.destroyForcibly();
        return false;
      }
      return probe.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}

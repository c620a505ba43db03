package dev.offramp.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A process in namespaces of its own: by root's right, or by a user namespace. */
final class Confinement {
  private static final long PROBE_SECONDS = 10;

  private Confinement() {}

  /** Why a process cannot be confined here; empty when it can. */
  static String obstacle() throws InterruptedException {
    for (String program : List.of("unshare", "nsenter", "ip", "tc")) {
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
   * What to put before a command, so that it runs confined and finds {@code mark} set. The loopback
   * comes up first: a JVM that starts where no interface has an IPv6 address has no IPv6 at all.
   */
  static List<String> prefix(String mark) {
    List<String> unshare = unshare();
    Stream<String> inside =
        Stream.of("env", mark + "=1", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");
    return Stream.concat(unshare.stream(), inside).toList();
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

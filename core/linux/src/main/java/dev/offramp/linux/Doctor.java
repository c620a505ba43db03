package dev.offramp.linux;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.linux.libc.Availability;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apiguardian.api.API;

/** Says what of the host can be used, without changing anything. Never throws. Thread-safe. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class Doctor {
  private static final String NATIVE_ACCESS = "native access";
  private static final String CAP_NET_ADMIN = "CAP_NET_ADMIN";
  private static final String TCP_REPAIR = "TCP_REPAIR";
  private static final String PIDFD_GETFD = "pidfd_getfd";
  private static final String STATUS_LINE = "CapEff:";
  private static final int CAP_NET_ADMIN_BIT = 12; // include/uapi/linux/capability.h
  private static final int HEX = 16;

  private final Availability availability;

  private Doctor(Availability availability) {
    this.availability = availability;
  }

  /** Looks at this JVM and this host. */
  public static Doctor ofThisHost() {
    return new Doctor(NativeAccess.check());
  }

  /** All probes, in the order in which to repair what they find. */
  public List<Probe> examine() {
    List<Probe> probes = new ArrayList<>();
    probes.add(
        availability.available()
            ? Probe.usable(NATIVE_ACCESS)
            : Probe.missing(NATIVE_ACCESS, availability.cause(), availability.remedy()));
    probes.add(capability());
    if (availability.available()) {
      LibC libc = NativeAccess.libc();
      probes.add(repair(libc));
      probes.add(otherProcesses(libc));
    } else {
      probes.add(Probe.missing(TCP_REPAIR, availability.cause(), availability.remedy()));
      probes.add(Probe.missing(PIDFD_GETFD, availability.cause(), availability.remedy()));
    }
    return List.copyOf(probes);
  }

  private static Probe capability() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/thread-self/status"))) {
        if (line.startsWith(STATUS_LINE)) {
          long effective = Long.parseUnsignedLong(line.substring(STATUS_LINE.length()).trim(), HEX);
          return (effective >> CAP_NET_ADMIN_BIT & 1) == 1
              ? Probe.usable(CAP_NET_ADMIN)
              : Probe.missing(
                  CAP_NET_ADMIN,
                  "this process does not have it",
                  "run as root, or under [unshare -Urn], or give java the capability with"
                      + " [setcap cap_net_admin+ep]");
        }
      }
      return Probe.missing(CAP_NET_ADMIN, "/proc has no " + STATUS_LINE, "mount /proc");
    } catch (IOException e) {
      return Probe.missing(CAP_NET_ADMIN, "/proc cannot be read: " + e, "mount /proc");
    }
  }

  private static Probe repair(LibC libc) {
    try {
      Optional<Refusal> refusal = new PrivilegeProbe(libc, NamespaceRunner.CURRENT, null).check();
      return refusal
          .map(r -> Probe.missing(TCP_REPAIR, r.seen(), r.remedy()))
          .orElseGet(() -> Probe.usable(TCP_REPAIR));
    } catch (IOException e) {
      return Probe.missing(TCP_REPAIR, String.valueOf(e.getMessage()), "see the message");
    }
  }

  /** On this process itself: another one may refuse still. */
  private static Probe otherProcesses(LibC libc) {
    long pidfd = libc.pidfd_open((int) libc.getpid(), 0);
    if (pidfd < 0) {
      return Probe.missing(
          PIDFD_GETFD, "pidfd_open: " + Errno.name((int) -pidfd), "use Linux 5.6 or newer");
    }
    try {
      long copy = libc.pidfd_getfd((int) pidfd, (int) pidfd, 0);
      if (copy < 0) {
        return Probe.missing(
            PIDFD_GETFD,
            "pidfd_getfd: " + Errno.name((int) -copy),
            "use Linux 5.6 or newer, and allow ptrace (kernel.yama.ptrace_scope, seccomp)");
      }
      libc.close((int) copy);
      return Probe.usable(PIDFD_GETFD);
    } finally {
      libc.close((int) pidfd);
    }
  }
}

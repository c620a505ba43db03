package dev.offramp.cli;

import dev.offramp.cli.Finding.Level;
import dev.offramp.linux.Doctor;
import dev.offramp.linux.net.SysctlFacts;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code offramp doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    description = {
      "Examines this machine: what of Offramp works here, and how to get the rest.",
      "",
      "ok: as it should be. note: fine, and in the way of some RNICs. missing: does not work; exit"
          + " code 1."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final int WANTED_JDK = 25;
  private static final long ENOUGH_MEMLOCK_BYTES = 1L << 30;
  private static final String MEMLOCK_LINE = "Max locked memory";

  @Spec private CommandSpec spec;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    findings.add(jdk());
    Doctor.ofThisHost().examine().forEach(probe -> findings.add(Finding.of(probe)));
    findings.add(iproute2());
    findings.add(namespaces());
    findings.add(memlock());
    findings.addAll(sysctls());
    boolean healthy = findings.stream().noneMatch(f -> f.level() == Level.MISSING);
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> report = new LinkedHashMap<>();
      report.put("healthy", healthy);
      report.put("findings", findings.stream().map(Finding::toMap).toList());
      out.println(Json.pretty(report));
    } else {
      findings.forEach(finding -> print(out, finding));
    }
    out.flush();
    return healthy ? ExitCode.OK : ExitCode.FAILED;
  }

  private static Finding jdk() {
    return Finding.of(
        "JDK",
        Runtime.version().feature() >= WANTED_JDK,
        Level.MISSING,
        Runtime.version() + " at " + System.getProperty("java.home"),
        "install a JDK " + WANTED_JDK);
  }

  private static Finding iproute2() {
    boolean there = Relaunch.isOnPath("ip");
    return Finding.of(
        "iproute2",
        there,
        Level.MISSING,
        there ? "ip is on the PATH" : "ip is not on the PATH",
        "apt-get install iproute2");
  }

  private static Finding namespaces() throws InterruptedException {
    String obstacle = Confinement.obstacle();
    return Finding.of(
        "namespaces",
        obstacle.isEmpty(),
        Level.MISSING,
        obstacle.isEmpty() ? "a process can have its own" : obstacle,
        "as said, or do without: --residence host");
  }

  /** Registered memory is pinned by a hardware RNIC, within this limit (getrlimit(2)). */
  private static Finding memlock() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/limits"))) {
      String limit =
          lines
              .filter(line -> line.startsWith(MEMLOCK_LINE))
              .map(line -> line.substring(MEMLOCK_LINE.length()).trim().split(" ", -1)[0])
              .findFirst()
              .orElse("0");
      return Finding.of(
          "memlock",
          limit.equals("unlimited") || Long.parseLong(limit) >= ENOUGH_MEMLOCK_BYTES,
          Level.NOTE,
          "limit in bytes: " + limit + "; only hardware RNICs pin memory",
          "for a hardware RNIC: ulimit -l unlimited, or LimitMEMLOCK=infinity in the unit file");
    } catch (IOException | NumberFormatException e) {
      return new Finding("memlock", Level.NOTE, "cannot be read: " + e.getMessage(), "ulimit -l");
    }
  }

  private static List<Finding> sysctls() {
    SysctlFacts facts = SysctlFacts.readHere();
    return List.of(
        Finding.of(
            "timestamps",
            facts.tcpTimestamps().orElse(1) == 0,
            Level.NOTE,
            "net.ipv4.tcp_timestamps = "
                + facts.tcpTimestamps().orElse(-1)
                + "; softiwarp continues timestamps, hardware RNICs cannot",
            "for a hardware RNIC: sysctl -w net.ipv4.tcp_timestamps=0"),
        Finding.of(
            "SACK",
            facts.tcpSack().orElse(1) == 0,
            Level.NOTE,
            "net.ipv4.tcp_sack = "
                + facts.tcpSack().orElse(-1)
                + "; softiwarp continues SACK, X722 and E810 have no bit for it",
            "for X722 and E810: sysctl -w net.ipv4.tcp_sack=0"));
  }

  private static void print(PrintWriter out, Finding finding) {
    out.printf("%-8s %-14s %s%n", finding.levelName(), finding.name(), finding.seen());
    if (!finding.fix().isEmpty()) {
      out.printf("%-8s %-14s fix: %s%n", "", "", finding.fix());
    }
  }
}

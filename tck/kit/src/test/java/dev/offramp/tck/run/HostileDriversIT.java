package dev.offramp.tck.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.report.Finding;
import dev.offramp.tck.report.Report;
import dev.offramp.tck.report.Reports;
import dev.offramp.tck.report.RuleOutcome;
import dev.offramp.tck.report.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Drivers that go round their ports, or do not let go: each is a failure with a name, and the
 * report is complete.
 */
final class HostileDriversIT {
  /** Only for the one that never comes back; a busy machine needs longer for all others. */
  private static final int IMPATIENT_SECONDS = 3;

  /** Enough to have one experiment on a device, the scan and the witness. */
  private static final Set<String> RULES =
      Set.of("S01", "P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09", "P10", "P11");

  @TempDir private Path directory;

  /** What it is, the deed, the rule, and the experiments that must have seen it. */
  static Stream<Arguments> deeds() {
    return Stream.of(
        Arguments.of(
            "FFM",
            """
            java.lang.foreign.Linker.nativeLinker()
                .downcallHandle(java.lang.foreign.FunctionDescriptor.ofVoid());
            """,
            "P01",
            "scan witness-contract"),
        Arguments.of("JNI", "System.loadLibrary(\"acme\");", "P01", "scan witness-contract"),
        Arguments.of(
            "JNI by reflection",
            """
            find("emitnuR.gnal.avaj").getMethod("load", String.class)
                .invoke(Runtime.getRuntime(), "/lib/libacme.so");
            """,
            "P01",
            "witness-contract"),
        Arguments.of(
            "a device node by FileChannel",
            """
            java.nio.channels.FileChannel.open(
                java.nio.file.Path.of("/dev/infiniband/uverbs0")).close();
            """,
            "P02",
            "scan witness-contract"),
        Arguments.of(
            "a file by reflection",
            """
            find("maertStupnIeliF.oi.avaj").getConstructor(String.class)
                .newInstance("/proc/net/tcp");
            """,
            "P02",
            "witness-contract"),
        Arguments.of(
            "a file that is not there, by reflection",
            """
            find("maertStupnIeliF.oi.avaj").getConstructor(String.class)
                .newInstance("/dev/acme7");
            """,
            "P02",
            "witness-contract"),
        Arguments.of(
            "a socket",
            "java.nio.channels.SocketChannel.open().close();",
            "P03",
            "scan witness-contract"),
        Arguments.of(
            "a process", "new ProcessBuilder(\"true\").start();", "P04", "scan witness-contract"),
        Arguments.of(
            "a process by reflection",
            """
            Object builder = find("redliuBssecorP.gnal.avaj").getConstructor(String[].class)
                .newInstance((Object) new String[] {"true"});
            builder.getClass().getMethod("start").invoke(builder);
            """,
            "P04",
            "witness-contract"),
        Arguments.of(
            "a process that cannot be",
            "Runtime.getRuntime().exec(new String[] {\"/no/such/program\"});",
            "P04",
            "scan witness-contract"),
        Arguments.of(
            "a thread that outlives the test",
            "new Thread(() -> { while (true) java.util.concurrent.locks.LockSupport.park(); })"
                + ".start();",
            "P05",
            "scan witness-contract"),
        Arguments.of(
            "a virtual thread by reflection",
            """
            Runnable work = () -> kept = "done";
            find("daerhT.gnal.avaj").getMethod("startVirtualThread", Runnable.class)
                .invoke(null, work);
            """,
            "P05",
            "witness-contract"),
        Arguments.of(
            "the inside of the kit",
            """
            java.lang.reflect.Field field = context.getClass().getDeclaredFields()[0];
            field.setAccessible(true);
            """,
            "P06",
            "scan witness-contract"),
        Arguments.of(
            "the inside of the JDK, by a name that nobody can read",
            """
            Object field = find("gnirtS.gnal.avaj").getDeclaredFields()[0];
            field.getClass().getMethod("set" + "Accessible", boolean.class).invoke(field, true);
            """,
            "P06",
            "witness-contract"),
        Arguments.of("System.exit", "System.exit(0);", "P07", "scan contract"),
        Arguments.of("Runtime.halt", "Runtime.getRuntime().halt(0);", "P07", "scan contract"),
        Arguments.of("an endless loop", "while (true) { kept = null; }", "P08", "contract"),
        Arguments.of(
            "10 GB of heap",
            """
            var all = new java.util.ArrayList<byte[]>();
            kept = all;
            for (int i = 0; i < 160; i++) { all.add(new byte[64 << 20]); }
            """,
            "P09",
            "contract"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("deeds")
  void aDeedHasAName(String what, String deed, String rule, String seenBy) throws IOException {
    int seconds = rule.equals("P08") ? IMPATIENT_SECONDS : TckOptions.DEFAULT_HANG_SECONDS;
    Report report = run(DriverJars.opening(directory, deed), seconds);
    RuleOutcome outcome = report.outcome(rule);
    assertThat(outcome.verdict()).as(what).isEqualTo(Verdict.FAIL);
    assertThat(outcome.findings().stream().map(Finding::experiment).collect(Collectors.toSet()))
        .as("%s: %s", what, outcome.findings())
        .containsAll(Set.of(seenBy.split(" ", -1)));
    assertThat(report.conclusion()).isEqualTo(Report.Conclusion.NOT_COMPLIANT);
    requireComplete(report);
  }

  /** The process ends before there is any device to try. */
  @Test
  void anEndWhileDevicesAreAskedForHasANameToo() throws IOException {
    Report report =
        run(DriverJars.matching(directory, "System.exit(7);"), TckOptions.DEFAULT_HANG_SECONDS);
    assertThat(report.outcome("P07").findings())
        .anySatisfy(finding -> assertThat(finding.message()).contains("acme.AcmeDriver.matches"));
    requireComplete(report);
  }

  private Report run(Path jar, int hangSeconds) throws IOException {
    return Tck.run(
        TckOptions.of(jar, directory.resolve("work")).withRules(RULES).withHangSeconds(hangSeconds),
        line -> {});
  }

  /** Every rule has a verdict, and the files are there and can be read again. */
  private void requireComplete(Report report) throws IOException {
    assertThat(report.outcomes().stream().map(outcome -> outcome.rule().id()))
        .containsExactlyInAnyOrderElementsOf(new TreeSet<>(RULES));
    Path reports = directory.resolve("reports");
    Reports.write(report, reports);
    assertThat(Reports.read(reports).comparable()).isEqualTo(report.comparable());
    assertThat(Files.readString(reports.resolve("verdict.txt"))).startsWith("NOT COMPLIANT");
    assertThat(reports.resolve("junit.xml")).isNotEmptyFile();
  }
}

package dev.offramp.benchmarks.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.benchmarks.suite.PartReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The one command, as a user gives it; only whether it runs, not what it finds. */
class SoftiwarpSuiteIT {
  private static final List<String> PARTS =
      List.of("goodput", "ping-pong", "messages", "allocation", "copies", "connections");

  @TempDir Path results;

  @Test
  void aQuickRunMeasuresEverything() throws Exception {
    Path output = results.resolve("output");
    ProcessBuilder run =
        new ProcessBuilder("./run", "softiwarp", "--quick", "--results", results.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    run.environment().put("BENCHMARKS_BUILT", "yes");
    Process process = run.start();
    try {
      assertThat(process.waitFor(5, TimeUnit.MINUTES)).as("ends").isTrue();
      assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    assertThat(results.resolve("softiwarp.json")).isNotEmptyFile();
    String table = Files.readString(results.resolve("softiwarp.md"));
    for (String part : PARTS) {
      assertThat(table).contains("### " + part);
      PartReport report = PartReport.read(results.resolve("softiwarp").resolve(part + ".json"));
      assertThat(report.quick()).isTrue();
      assertThat(report.figures())
          .as(part)
          .isNotEmpty()
          .allSatisfy(figure -> assertThat(figure.value().median()).as(figure.id()).isFinite());
    }
  }
}

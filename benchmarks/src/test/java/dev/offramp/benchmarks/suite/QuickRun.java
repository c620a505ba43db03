package dev.offramp.benchmarks.suite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The one command, as a user gives it; only whether it runs, not what it finds. */
public final class QuickRun {
  private QuickRun() {}

  /**
   * Runs a suite and looks whether all parts have figures.
   *
   * @param results an empty directory
   */
  public static void of(String suite, List<String> parts, Path results) throws Exception {
    Path output = results.resolve("output");
    Path json = results.resolve("all.json");
    ProcessBuilder run =
        new ProcessBuilder(
                "./run",
                suite,
                "--quick",
                "--results",
                results.toString(),
                "--json",
                json.toString())
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
    assertThat(results.resolve(suite + ".json")).hasSameTextualContentAs(json);
    String table = Files.readString(results.resolve(suite + ".md"));
    for (String part : parts) {
      assertThat(table).contains("### " + part);
      PartReport report = PartReport.read(results.resolve(suite).resolve(part + ".json"));
      assertThat(report.quick()).isTrue();
      assertThat(report.figures())
          .as(part)
          .isNotEmpty()
          .allSatisfy(figure -> assertThat(figure.value().median()).as(figure.id()).isFinite());
    }
  }
}

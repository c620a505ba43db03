package dev.offramp.tck.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.report.ExperimentResult;
import dev.offramp.tck.report.JsonReader;
import dev.offramp.tck.report.Reports;
import dev.offramp.tck.report.SampleReports;
import dev.offramp.tck.rule.RuleCatalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes, and what stands where. */
final class TckCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path directory;

  private int execute(String... words) {
    return TckCommand.execute(
        "offramp tck", List.of(words), new PrintWriter(out), new PrintWriter(err));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no-such-command",
        "run",
        "run a.jar b.jar",
        "run --no-such-option",
        "run a.jar --strict=yes",
        "run a.jar --seed",
        "run a.jar --report-dir x --report-dir y",
        "explain",
        "explain L99",
        "explain nonsense",
        "rules L33",
        "diff one.json",
        "merge",
      })
  void aWrongCommandLineSaysWhatWasExpected(String line) {
    assertThat(execute(line.split(" ", -1))).isEqualTo(TckCommand.USAGE);
    assertThat(out.toString()).isEmpty();
    assertThat(err.toString()).contains("Usage: offramp tck").contains("expected");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--seed=x",
        "--seed=8..1",
        "--seed=1..9999999",
        "--shard=0/4",
        "--shard=5/4",
        "--shard=half",
        "--rule=L99",
        "--hang-seconds=0"
      })
  void aWrongValueIsNamed(String option) throws IOException {
    Path jar = Files.createFile(directory.resolve("a.jar"));
    assertThat(execute("run", jar.toString(), option)).isEqualTo(TckCommand.USAGE);
    assertThat(err.toString()).contains(option.substring(option.indexOf('=') + 1));
  }

  @Test
  void withoutWordsItSaysHowToUseIt() {
    assertThat(execute()).isEqualTo(TckCommand.USAGE);
    assertThat(err.toString()).contains("run", "rules", "explain", "diff", "merge");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "run --help", "explain -h", "--version"})
  void helpIsOnStandardOutput(String line) {
    assertThat(execute(line.split(" ", -1))).isEqualTo(TckCommand.OK);
    assertThat(err.toString()).isEmpty();
    assertThat(out.toString()).contains("offramp tck");
  }

  @Test
  void aJarThatIsNotThereIsUnavailable() {
    assertThat(execute("run", "nowhere.jar")).isEqualTo(TckCommand.UNAVAILABLE);
    assertThat(err.toString()).contains("[nowhere.jar]");
  }

  @Test
  void everyRuleIsListedAndExplained() throws IOException {
    assertThat(execute("rules", "--json")).isEqualTo(TckCommand.OK);
    List<?> rules = (List<?>) JsonReader.object(out.toString()).get("rules");
    assertThat(rules).hasSameSizeAs(RuleCatalogue.all());
    for (var rule : RuleCatalogue.all()) {
      out.getBuffer().setLength(0);
      assertThat(execute("explain", rule.id())).isEqualTo(TckCommand.OK);
      assertThat(out.toString())
          .contains(rule.id(), rule.sentence(), rule.source())
          .contains(rule.isTestable() ? rule.hint() : rule.untestable());
    }
  }

  @Test
  void shardsAreMergedAndReportsCompared() throws IOException {
    List<ExperimentResult> all = SampleReports.passing();
    Reports.write(SampleReports.shard(1, 1, all), directory.resolve("whole"));
    Reports.write(SampleReports.shard(1, 2, all.subList(0, 3)), directory.resolve("s1"));
    Reports.write(SampleReports.shard(2, 2, all.subList(3, 7)), directory.resolve("s2"));
    assertThat(execute("merge", path("s1"), path("s2"), "--report-dir=" + path("merged")))
        .isEqualTo(TckCommand.OK);
    assertThat(out.toString()).startsWith("COMPLIANT");
    assertThat(execute("diff", path("whole"), path("merged/report.json"))).isEqualTo(TckCommand.OK);
    assertThat(execute("diff", path("whole"), path("s1"))).isEqualTo(TckCommand.FAILED);
    assertThat(execute("merge", path("s1"), "--report-dir=" + path("half")))
        .isEqualTo(TckCommand.UNAVAILABLE);
    assertThat(directory.resolve("half")).doesNotExist();
  }

  @Test
  void whatIsNoReportIsNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("report.json"), "{\"format\": 99}");
    assertThat(execute("diff", file.toString(), file.toString())).isEqualTo(TckCommand.UNAVAILABLE);
    assertThat(err.toString()).contains(file.toString(), "format [99]");
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }
}

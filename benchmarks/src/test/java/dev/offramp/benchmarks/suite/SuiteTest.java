package dev.offramp.benchmarks.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuiteTest {
  @TempDir Path results;
  private final Suite suite =
      new Suite("suite", List.of(new OneFigure("fast"), new OneFigure("slow")));

  /** Measures nothing. */
  private record OneFigure(String name) implements Part {
    @Override
    public List<Figure> measure(Effort effort) {
      return List.of(Figure.amount(name, name, "B", Series.of(1), null, ""));
    }
  }

  @BeforeEach
  void earlierRuns() throws IOException {
    PartReportTest.report("fast", 1).write(results.resolve("suite/fast.json"));
    PartReportTest.report("slow", 0.5).write(results.resolve("suite/slow.json"));
  }

  private int run(String... args) throws Exception {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--results";
    all[args.length + 1] = results.toString();
    return suite.run("none", all);
  }

  @Test
  void aMissedTargetIsAnExitStatusOnlyWhenAskedFor() throws Exception {
    assertThat(run("--gather")).isZero();
    assertThat(run("--gather", "--strict")).isEqualTo(1);
    assertThat(run("--gather", "--strict", "--only", "fast")).isZero();
    assertThat(results.resolve("suite.md")).content().contains("MISSED");
  }

  @Test
  void onePartIsMeasuredHere() throws Exception {
    assertThat(run("--part", "fast", "--quick")).isZero();
    PartReport report = PartReport.read(results.resolve("suite/fast.json"));
    assertThat(report.quick()).isTrue();
    assertThat(report.facts()).containsKeys("commit", "kernel", "jdk", "processor", "seconds");
    assertThat(report.figures()).hasSize(1);
  }

  @Test
  void whatIsNotKnownIsAnError() throws Exception {
    assertThat(run("--only", "fast,lost")).isEqualTo(64);
    assertThat(run("--rounds", "0")).isEqualTo(64);
    assertThat(run("--loud")).isEqualTo(64);
    assertThat(suite.run("none", new String[] {"--rounds"})).isEqualTo(64);
    assertThat(suite.run("none", new String[] {"--connections", "5"})).isEqualTo(64);
    assertThat(suite.run("none", new String[] {"--connections", "5,5"})).isEqualTo(64);
    assertThat(suite.run("none", new String[] {"--connections", "5,0"})).isEqualTo(64);
  }

  @Test
  void aChildIsToldWhatItHasToDo() {
    SuiteOptions options =
        SuiteOptions.parse(
            new String[] {"--quick", "--rounds", "5", "--results", "r", "--connections", "3,7,11"},
            List.of("fast", "slow"));
    assertThat(options.only()).containsExactly("fast", "slow");
    SuiteOptions child =
        SuiteOptions.parse(options.forPart("slow").toArray(String[]::new), List.of("fast", "slow"));
    assertThat(child.part()).isEqualTo("slow");
    assertThat(child.effort()).isEqualTo(new Effort(true, 5, List.of(3, 7, 11)));
    assertThat(child.results()).isEqualTo(Path.of("r"));
  }

  @Test
  void theTableGoesBetweenItsMarks() throws Exception {
    Path document = results.resolve("page.md");
    Files.writeString(
        document,
        "before\n<!-- figures of suite: begin -->\nold\n<!-- figures of suite: end -->\nafter\n");
    assertThat(run("--gather", "--document", document.toString())).isZero();
    assertThat(document)
        .content()
        .startsWith("before\n")
        .endsWith("after\n")
        .contains("### fast")
        .doesNotContain("old");
    String once = Files.readString(document);
    assertThat(run("--gather", "--document", document.toString())).isZero();
    assertThat(document).hasContent(once);
  }

  @Test
  void aPageWithoutMarksIsLeftAlone() throws Exception {
    Path document = results.resolve("page.md");
    Files.writeString(document, "no marks\n");
    assertThatThrownBy(() -> run("--gather", "--document", document.toString()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("figures of suite: begin");
    assertThat(document).hasContent("no marks\n");
  }
}

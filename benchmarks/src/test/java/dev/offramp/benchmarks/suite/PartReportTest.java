package dev.offramp.benchmarks.suite;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartReportTest {
  @TempDir Path directory;

  static PartReport report(String part, double median) {
    return new PartReport(
        part,
        false,
        Map.of(
            "commit",
            "abc",
            "started",
            "2026-01-01T00:00:00Z",
            "processors",
            2,
            "processor",
            "P",
            "kernel",
            "K",
            "jdk",
            "J",
            "loadAverage",
            0.5),
        List.of(
            Figure.ratio(
                part + ".write",
                "Write | 64 KiB",
                new Figure.Side("softiwarp", "GB/s", Series.of(2 * median, 2 * median)),
                new Figure.Side("NIO", "GB/s", Series.of(2, 2)),
                Target.atLeast(0.95),
                "a note"),
            Figure.amount(
                part + ".nothing", "nothing", "B/op", Series.of(1, Double.NaN), null, "")));
  }

  @Test
  void whatIsWrittenIsReadAgain() throws Exception {
    Path file = directory.resolve("deep").resolve("part.json");
    report("goodput", 0.5).write(file);
    PartReport read = PartReport.read(file);
    assertThat(read.part()).isEqualTo("goodput");
    assertThat(read.quick()).isFalse();
    assertThat(read.facts()).containsEntry("commit", "abc");
    Figure figure = read.figures().getFirst();
    assertThat(figure.value().median()).isEqualTo(0.5);
    assertThat(figure.verdict()).isEqualTo(Figure.Verdict.MISSED);
    assertThat(figure.note()).isEqualTo("a note");
    assertThat(requireNonNull(figure.baseline()).name()).isEqualTo("NIO");
    assertThat(read.figures().getLast().value().count()).isEqualTo(2);
    assertThat(read.figures().getLast().target()).isNull();
    assertThat(Tables.text(read)).isEqualTo(Tables.text(report("goodput", 0.5)));
  }

  /** Programs read these; a change here needs another schema. */
  @Test
  void theMembersOfTheFileAreThese() throws Exception {
    Path file = directory.resolve("all.json");
    PartReport.writeAll(file, "softiwarp", List.of(report("goodput", 1)));
    Map<String, Object> root = JSON.std.mapFrom(Files.readString(file));
    assertThat(root)
        .containsOnlyKeys("schema", "suite", "parts")
        .containsEntry("schema", PartReport.SCHEMA);
    Map<?, ?> part = first(root.get("parts"));
    assertThat(names(part)).containsExactly("part", "quick", "facts", "figures");
    Map<?, ?> figure = first(part.get("figures"));
    assertThat(names(figure))
        .containsExactly(
            "id", "name", "unit", "target", "verdict", "value", "ours", "baseline", "note");
    assertThat(names((Map<?, ?>) requireNonNull(figure.get("value"))))
        .containsExactly("median", "min", "p25", "p75", "max", "rounds");
  }

  private static Map<?, ?> first(@Nullable Object list) {
    return (Map<?, ?>) ((List<?>) requireNonNull(list)).getFirst();
  }

  private static List<String> names(Map<?, ?> object) {
    return object.keySet().stream().map(String::valueOf).toList();
  }

  @Test
  void aFileOfAnotherSchemaIsRefused() throws Exception {
    Path file = directory.resolve("old.json");
    Files.writeString(file, "{\"schema\":\"something-else\"}");
    assertThatThrownBy(() -> PartReport.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("something-else")
        .hasMessageContaining(PartReport.SCHEMA);
  }

  @Test
  void tablesShowWhatIsMissed() {
    String table = Tables.text(report("goodput", 0.5));
    assertThat(table).contains("0.500", "≥ 0.95", "MISSED", "(NIO)");
    assertThat(Tables.text(report("goodput", 1))).contains("met").doesNotContain("MISSED");
  }

  @Test
  void markdownHasARowForEachFigureWithAsManyCells() {
    String table = Tables.markdown(List.of(report("goodput", 0.5), report("other", 1)));
    List<String> rows = table.lines().filter(line -> line.startsWith("|")).toList();
    assertThat(rows).hasSize(2 * 4);
    assertThat(rows)
        .allSatisfy(
            row -> assertThat(row.replace("\\|", "").chars().filter(c -> c == '|')).hasSize(8));
    assertThat(table).contains("### goodput", "### other", "MISSED", "a note", "Commit abc");
  }
}

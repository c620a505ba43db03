package dev.offramp.benchmarks.suite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.benchmarks.suite.Figure.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FigureTest {
  @ParameterizedTest
  @CsvSource({
    "AT_LEAST, 0.949, MISSED",
    "AT_LEAST, 0.95, MET",
    "AT_LEAST, 1.2, MET",
    "AT_LEAST, NaN, MISSED",
    "AT_MOST, 0.95, MET",
    "AT_MOST, 0.951, MISSED",
    "AT_MOST, NaN, MISSED"
  })
  void theVerdictIsTheMediansAndTheLimitItselfIsMet(
      Target.Relation relation, double median, Verdict verdict) {
    Figure figure =
        Figure.amount(
            "id", "name", "ratio", Series.of(0, median, 1000), new Target(relation, 0.95), "");
    assertThat(figure.verdict()).isEqualTo(verdict);
  }

  @Test
  void withoutATargetThereIsNoVerdict() {
    assertThat(Figure.amount("id", "name", "B", Series.of(1), null, "").verdict())
        .isEqualTo(Verdict.INFORMATION);
  }

  @Test
  void aRatioIsOursOverTheBaseline() {
    Figure figure =
        Figure.ratio(
            "id",
            "name",
            new Figure.Side("softiwarp", "GB/s", Series.of(3)),
            new Figure.Side("NIO", "GB/s", Series.of(2)),
            Target.atLeast(1.5),
            "");
    assertThat(figure.value().median()).isEqualTo(1.5);
    assertThat(figure.verdict()).isEqualTo(Verdict.MET);
  }

  @Test
  void targetsAreWrittenAsInATable() {
    assertThat(Target.atLeast(0.95)).hasToString("≥ 0.95");
    assertThat(Target.atMost(16)).hasToString("≤ 16");
  }
}

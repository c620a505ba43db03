package dev.offramp.tck.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReportDiffTest {
  @Test
  void durationsDoNotCount() {
    List<ExperimentResult> slower = new ArrayList<>();
    for (ExperimentResult result : SampleReports.passing()) {
      slower.add(
          SampleReports.result(
              result.experiment(), result.millis() + 1000, result.verdicts(), result.findings()));
    }
    ReportDiff diff =
        ReportDiff.of(
            SampleReports.shard(1, 1, SampleReports.passing()), SampleReports.shard(1, 1, slower));
    assertThat(diff.isEmpty()).isTrue();
    assertThat(diff.lines()).containsExactly("no difference, durations aside");
  }

  @Test
  void whatIsNewlyBrokenAndMendedIsCounted() {
    Report old = with(SampleReports.broken("L12", "24 bits"));
    Report now = with(SampleReports.broken("L33", "92 octets"));
    ReportDiff diff = ReportDiff.of(old, now);
    assertThat(diff.isEmpty()).isFalse();
    assertThat(diff.lines())
        .contains(
            "L12: PASS, was FAIL",
            "L33: FAIL, was PASS",
            "1 newly broken, 1 mended; NOT_COMPLIANT, was NOT_COMPLIANT");
  }

  @Test
  void anotherFindingOfTheSameRuleIsADifference() {
    ReportDiff diff =
        ReportDiff.of(
            with(SampleReports.broken("L12", "24 bits")),
            with(SampleReports.broken("L12", "16 bits")));
    assertThat(diff.isEmpty()).isFalse();
    assertThat(diff.lines()).contains("L12: FAIL as before, and the findings differ");
  }

  private static Report with(ExperimentResult more) {
    List<ExperimentResult> results = new ArrayList<>(SampleReports.passing());
    results.add(more);
    return SampleReports.shard(1, 1, results);
  }
}

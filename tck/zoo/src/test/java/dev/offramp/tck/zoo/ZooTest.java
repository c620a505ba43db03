package dev.offramp.tck.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.rule.Rule;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The kit catches each wrong driver by its own rule, and lets honest ones pass. Specimens on
 * adapters take minutes: they are tried with {@code -Dofframp.zoo=all}, and by {@code offramp tck
 * zoo}.
 */
final class ZooTest {
  private static final boolean ALL = "all".equals(System.getProperty("offramp.zoo"));

  private final Keeper keeper = new Keeper(1, false);

  @TestFactory
  Stream<DynamicTest> eachIsJudgedRight() {
    return Zoo.all().stream()
        .filter(specimen -> ALL || !specimen.target().isAdapter())
        .map(specimen -> DynamicTest.dynamicTest(specimen.name(), () -> judge(specimen)));
  }

  private void judge(Specimen specimen) {
    Outcome outcome = keeper.judge(specimen);
    if (specimen.rule().isPresent()) {
      assertThat(outcome.foundBy())
          .as(
              "%s, which %s, breaks %s; unfinished: %s",
              specimen.name(), specimen.what(), specimen.rule().get(), outcome.failures())
          .isNotEmpty();
      assertThat(outcome.foundBy().values()).noneMatch(String::isBlank);
    } else {
      assertThat(outcome.alarms()).as("%s, which %s", specimen.name(), specimen.what()).isEmpty();
    }
  }

  @Test
  void namesAreUnique() {
    assertThat(Zoo.all().stream().map(Specimen::name).toList()).doesNotHaveDuplicates();
  }

  @Test
  void thereAreEnough() {
    List<Specimen> wrong = Zoo.all().stream().filter(s -> s.rule().isPresent()).toList();
    assertThat(wrong).hasSizeGreaterThanOrEqualTo(90);
    assertThat(Zoo.all().size() - wrong.size()).isGreaterThanOrEqualTo(12);
    assertThat(wrong.stream().map(s -> s.rule().get().family()).distinct().toList())
        .hasSizeGreaterThanOrEqualTo(8);
  }

  /** A rule that is decided and has no specimen is on this list, which may only grow shorter. */
  @Test
  void eachRuleHasASpecimenOrIsKnownToHaveNone() {
    assertThat(Keeper.withoutSpecimen().stream().map(Rule::id).toList())
        .containsExactlyInAnyOrderElementsOf(KnownGaps.RULES);
  }
}

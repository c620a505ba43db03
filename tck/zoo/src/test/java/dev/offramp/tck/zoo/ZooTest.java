package dev.offramp.tck.zoo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The kit catches each wrong driver by its own rule, and lets honest ones pass. Specimens on
 * adapters take minutes: they are tried with {@code -Dofframp.zoo=all}, and by {@code offramp tck
 * zoo}.
 */
final class ZooTest {
  private static final boolean ALL = "all".equals(System.getProperty("offramp.zoo"));

  private final Keeper keeper = new Keeper(1, false);

  @Test
  void eachIsJudgedRight() {
    List<String> misjudged = new ArrayList<>();
    for (Specimen specimen : Zoo.all()) {
      if (!ALL && specimen.target().isAdapter()) {
        continue;
      }
      Outcome outcome = keeper.judge(specimen);
      if (!outcome.isRight()) {
        misjudged.add(
            "%s, which %s, breaks %s: %s; unfinished: %s"
                .formatted(
                    specimen.name(),
                    specimen.what(),
                    specimen.rule().map(Rule::id).orElse("nothing"),
                    specimen.rule().isPresent() ? "not caught" : outcome.alarms(),
                    outcome.failures()));
      }
      assertThat(outcome.foundBy().values()).noneMatch(String::isBlank);
    }
    assertThat(misjudged).isEmpty();
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

  /** What an experiment decides is worth nothing until it has been seen to catch a breach. */
  @Test
  void eachRuleThatIsDecidedHasASpecimen() {
    assertThat(Keeper.withoutSpecimen().stream().map(Rule::id).toList()).isEmpty();
  }
}

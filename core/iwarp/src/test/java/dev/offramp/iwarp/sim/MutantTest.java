package dev.offramp.iwarp.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every invariant catches the bug that was planted for it, before any other one does. */
final class MutantTest {
  private static final int MOST_SCHEDULES = 3_000;
  private static final long FIRST_SEED = 1;

  @ParameterizedTest
  @EnumSource(Invariant.class)
  void theInvariantCatchesItsBug(Invariant invariant) {
    Mutation mutation = Mutants.of(invariant);
    for (long seed = FIRST_SEED; seed < FIRST_SEED + MOST_SCHEDULES; seed++) {
      try {
        World.run(seed, Integer.MAX_VALUE, mutation);
      } catch (Violation caught) {
        assertThat(caught.invariant())
            .as("seed %s: %s", seed, caught.getMessage())
            .isEqualTo(invariant);
        return;
      }
    }
    throw new AssertionError("the mutant lives after " + MOST_SCHEDULES + " schedules");
  }
}

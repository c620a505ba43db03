package dev.offramp.benchmarks.suite;

/**
 * How much is measured.
 *
 * @param quick only to show that everything runs
 * @param rounds how often each side takes its turn
 */
public record Effort(boolean quick, int rounds) {
  private static final int WARMUP = 3;
  private static final int QUICK_DIVISOR = 50;

  /** What is measured when nobody asks for something else. */
  public static final int ROUNDS = 9;

  /** An amount of work, or much less of it. */
  public int of(int amount) {
    return quick ? Math.max(1, amount / QUICK_DIVISOR) : amount;
  }

  /** Rounds for these figures. */
  public Rounds toRounds() {
    return quick ? new Rounds(1, 2) : new Rounds(WARMUP, rounds);
  }
}

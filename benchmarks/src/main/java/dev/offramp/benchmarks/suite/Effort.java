package dev.offramp.benchmarks.suite;

import java.util.List;

/**
 * How much is measured.
 *
 * @param quick only to show that everything runs
 * @param rounds how often each side takes its turn
 * @param connections how many connections, one figure after the other; at least two, ascending
 */
public record Effort(boolean quick, int rounds, List<Integer> connections) {
  private static final int WARMUP = 3;
  private static final int QUICK_DIVISOR = 50;
  private static final List<Integer> CONNECTIONS = List.of(100, 1_000, 10_000);
  private static final List<Integer> QUICK_CONNECTIONS = List.of(10, 40);

  /** What is measured when nobody asks for something else. */
  public static final int ROUNDS = 9;

  public Effort {
    connections = List.copyOf(connections);
  }

  /** As many connections as nobody asked for. */
  static List<Integer> connections(boolean quick) {
    return quick ? QUICK_CONNECTIONS : CONNECTIONS;
  }

  /** An amount of work, or much less of it. */
  public int of(int amount) {
    return quick ? Math.max(1, amount / QUICK_DIVISOR) : amount;
  }

  /** Rounds for these figures. */
  public Rounds toRounds() {
    return quick ? new Rounds(1, 2) : new Rounds(WARMUP, rounds);
  }
}

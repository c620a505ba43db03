package dev.offramp.iwarp.sim;

import org.jspecify.annotations.Nullable;

/** Makes a failing schedule shorter: its beginning, if that fails in the same way. */
final class Shrinker {
  private static final int MOST_STEPS = 200;

  private Shrinker() {}

  /** The fewest steps of the schedule with which {@code failure} comes again. */
  static int shortest(long seed, Mutation mutation, Throwable failure) {
    for (int steps = 0; steps < MOST_STEPS; steps++) {
      Throwable seen = failureOf(seed, steps, mutation);
      if (seen != null && isSame(seen, failure)) {
        return steps;
      }
    }
    return Integer.MAX_VALUE;
  }

  private static @Nullable Throwable failureOf(long seed, int steps, Mutation mutation) {
    try {
      World.run(seed, steps, mutation);
      return null;
    } catch (AssertionError | RuntimeException e) {
      return e;
    }
  }

  private static boolean isSame(Throwable one, Throwable other) {
    return (one instanceof Violation a && other instanceof Violation b)
        ? a.invariant() == b.invariant()
        : one.getClass() == other.getClass();
  }
}

package dev.offramp.iwarp;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Reproducible randomness: {@code -Dofframp.seed=N} repeats a failure. */
public final class Seeds {
  private static final long DEFAULT_SEED = 20_260_101L;

  private Seeds() {}

  /** A property that is checked with one seed. */
  @FunctionalInterface
  public interface Property {
    void check(RandomGenerator random);
  }

  /** Checks a property {@code times} times; a failure names the seed. */
  public static void forAll(int times, Property property) {
    Long given = Long.getLong("offramp.seed");
    if (given != null) {
      property.check(new SplittableRandom(given));
      return;
    }
    for (int i = 0; i < times; i++) {
      long seed = DEFAULT_SEED + i;
      try {
        property.check(new SplittableRandom(seed));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("fails with -Dofframp.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }

  /** Random bytes. */
  public static byte[] bytes(RandomGenerator random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }
}

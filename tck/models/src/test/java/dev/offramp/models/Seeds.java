package dev.offramp.models;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Runs property tests: a new seed every time, named on failure, repeated with a system property.
 */
public final class Seeds {
  private static final String PROPERTY = "offramp.seed";

  private Seeds() {}

  public static void run(Property property) throws Exception {
    Long given = Long.getLong(PROPERTY);
    long seed = given == null ? System.nanoTime() : given;
    try {
      property.holds(RandomGeneratorFactory.of("L64X128MixRandom").create(seed));
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + "; to repeat: -D" + PROPERTY + "=" + seed, e);
    }
  }

  /** What must hold whatever the generator gives. */
  @FunctionalInterface
  public interface Property {
    void holds(RandomGenerator random) throws Exception;
  }
}

package dev.offramp.models;

import java.util.List;
import java.util.SplittableRandom;

/**
 * Every place fails now and then, as a seed decides. The same seed and the same order of questions
 * give the same faults. Safe for any thread.
 */
public final class SeededFaults implements Faults {
  private final SplittableRandom random;
  private final int oneIn;
  private final List<Long> values;

  /**
   * Things will go wrong.
   *
   * @param seed what decides
   * @param oneIn one question in so many is answered by a fault, on average; 1 and up
   * @param values what a place gets, one of these; none is {@link #NO_FAULT}
   */
  public SeededFaults(long seed, int oneIn, List<Long> values) {
    if (oneIn < 1 || values.isEmpty() || values.contains(NO_FAULT)) {
      throw new IllegalArgumentException(
          "one in [%d], values %s; expected 1 and up, and at least one value other than 0"
              .formatted(oneIn, values));
    }
    this.random = new SplittableRandom(seed);
    this.oneIn = oneIn;
    this.values = List.copyOf(values);
  }

  @Override
  public synchronized long at(String place) {
    return random.nextInt(oneIn) == 0 ? values.get(random.nextInt(values.size())) : NO_FAULT;
  }
}

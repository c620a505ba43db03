package dev.offramp.api.failover;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import org.apiguardian.api.API;

/**
 * Where the connections of a failing RNIC go, and how much of that happens at once. Immutable.
 *
 * @param rnics names of RNICs, the preferred one first, each as in {@link
 *     dev.offramp.api.OfframpOptions#rnic}; a connection goes to the first that takes it
 * @param batchSize how many connections one batch has; progress is told after each
 * @param movesAtOnce how many of a batch move at the same time; the others go on working
 * @param pauseLimit how long one connection may stand still: a move that takes longer is undone as
 *     long as the old owner has not let go. What follows has no step that waits for anybody
 * @param listener told of the progress
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record FailoverPolicy(
    List<String> rnics,
    int batchSize,
    int movesAtOnce,
    Duration pauseLimit,
    FailoverListener listener) {
  private static final int DEFAULT_BATCH = 128;
  private static final Duration DEFAULT_PAUSE_LIMIT = Duration.ofSeconds(2);

  /**
   * Checks.
   *
   * @throws IllegalArgumentException when there is no RNIC, or a number is not positive
   */
  public FailoverPolicy {
    rnics = List.copyOf(new LinkedHashSet<>(rnics));
    if (rnics.isEmpty()) {
      throw new IllegalArgumentException("rnics: seen none, expected where connections can go");
    }
    requirePositive("batchSize", batchSize);
    requirePositive("movesAtOnce", movesAtOnce);
    requirePositive("pauseLimit in ms", pauseLimit.toMillis());
  }

  private static void requirePositive(String what, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + ": seen [" + value + "], expected at least 1");
    }
  }

  /** To these RNICs, in batches of 128, as many at once as there are processors, 2 s each. */
  public static FailoverPolicy to(String... rnics) {
    return new FailoverPolicy(
        List.of(rnics),
        DEFAULT_BATCH,
        Runtime.getRuntime().availableProcessors(),
        DEFAULT_PAUSE_LIMIT,
        FailoverListener.NONE);
  }

  /** The same with another size of batches. */
  public FailoverPolicy withBatchSize(int size) {
    return new FailoverPolicy(rnics, size, movesAtOnce, pauseLimit, listener);
  }

  /** The same with another number of moves at the same time. */
  public FailoverPolicy withMovesAtOnce(int moves) {
    return new FailoverPolicy(rnics, batchSize, moves, pauseLimit, listener);
  }

  /** The same with another limit. */
  public FailoverPolicy withPauseLimit(Duration limit) {
    return new FailoverPolicy(rnics, batchSize, movesAtOnce, limit, listener);
  }

  /** The same with another listener. */
  public FailoverPolicy withListener(FailoverListener other) {
    return new FailoverPolicy(rnics, batchSize, movesAtOnce, pauseLimit, other);
  }
}

package dev.offramp.provider.softiwarp;

import dev.offramp.iwarp.rdmap.RdmapStream;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Notices that completions which nobody polls keep work from being posted. All under the
 * connection's lock.
 */
final class CompletionStall {
  private final RdmapStream stream;
  private final LongSupplier clock;
  private final LongConsumer onOver;

  /** 0 when there is no stall. */
  private long sinceNanos;

  private long count;

  /**
   * No stall yet.
   *
   * @param onOver told how many nanoseconds a stall lasted
   */
  CompletionStall(RdmapStream stream, LongSupplier clock, LongConsumer onOver) {
    this.stream = stream;
    this.clock = clock;
    this.onOver = onOver;
  }

  /** Work was refused: is it that completions lie there? */
  void refused() {
    if (stream.completionCount() > 0 && sinceNanos == 0) {
      sinceNanos = clock.getAsLong();
      count++;
    }
  }

  /** Completions were polled. */
  void polled() {
    if (sinceNanos != 0) {
      onOver.accept(clock.getAsLong() - sinceNanos);
      sinceNanos = 0;
    }
  }

  /** How many there were. */
  long count() {
    return count;
  }
}

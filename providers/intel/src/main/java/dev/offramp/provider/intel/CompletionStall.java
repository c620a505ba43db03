package dev.offramp.provider.intel;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * Notices that completions which nobody takes keep work from being posted. Under the connection's
 * lock.
 */
final class CompletionStall {
  private final CompletionStore store;
  private final LongSupplier clock;
  private final LongConsumer onOver;
  private boolean stalled;
  private long sinceNanos;
  private long count;

  /**
   * No stall yet.
   *
   * @param onOver told how many nanoseconds a stall lasted
   */
  CompletionStall(CompletionStore store, LongSupplier clock, LongConsumer onOver) {
    this.store = store;
    this.clock = clock;
    this.onOver = onOver;
  }

  /** Work was refused: is it that completions lie there? */
  void refused() {
    if (!stalled && !store.isEmpty()) {
      stalled = true;
      sinceNanos = clock.getAsLong();
      count++;
    }
  }

  /** Completions were taken. */
  void taken() {
    if (stalled) {
      stalled = false;
      onOver.accept(clock.getAsLong() - sinceNanos);
    }
  }

  /** How many there were. */
  long count() {
    return count;
  }
}

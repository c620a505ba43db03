package dev.offramp.provider.chelsio.connection;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/**
 * The time in which work is refused because completions that nobody polls fill the queue. Under the
 * connection's lock.
 */
final class Stall {
  private final Completed completed;
  private final LongSupplier clock;
  private final LongConsumer onOver;
  private boolean on;
  private long sinceNanos;
  private long count;

  /**
   * None yet.
   *
   * @param onOver told how many nanoseconds one lasted
   */
  Stall(Completed completed, LongSupplier clock, LongConsumer onOver) {
    this.completed = completed;
    this.clock = clock;
    this.onOver = onOver;
  }

  /** Work was refused for want of room. */
  void refused() {
    if (!on && completed.size() > 0) {
      on = true;
      sinceNanos = clock.getAsLong();
      count++;
    }
  }

  /** Completions were polled. */
  void polled() {
    if (on) {
      on = false;
      onOver.accept(clock.getAsLong() - sinceNanos);
    }
  }

  /** How many there were. */
  long count() {
    return count;
  }
}

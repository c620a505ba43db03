package dev.offramp.provider.intel;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Waits that end: for what no interrupt tells, or not surely. Suits virtual threads. */
final class Patience {
  private static final int SPINS = 50;
  private static final long FIRST_PAUSE_NANOS = 1_000;
  private static final long MAX_PAUSE_NANOS = 500_000;

  private Patience() {}

  /**
   * Looks again and again, ever more seldom. An interruption stays noted and does not end it.
   *
   * @param clock nanoseconds, monotonic
   * @return whether {@code done} said so within the time
   */
  static boolean await(LongSupplier clock, long timeoutNanos, BooleanSupplier done) {
    if (done.getAsBoolean()) {
      return true;
    }
    long begin = clock.getAsLong();
    long pause = FIRST_PAUSE_NANOS;
    boolean interrupted = false;
    try {
      for (int turn = 0; ; turn++) {
        if (turn < SPINS) {
          Thread.onSpinWait();
        } else {
          LockSupport.parkNanos(pause);
          pause = Math.min(2 * pause, MAX_PAUSE_NANOS);
          interrupted |= Thread.interrupted();
        }
        if (done.getAsBoolean()) {
          return true;
        }
        if (clock.getAsLong() - begin >= timeoutNanos) {
          return false;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package dev.offramp.provider.chelsio.adapter;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * A wait with a deadline: looks again and again, ever less often. Suits virtual threads. For one
 * thread.
 */
public final class Patience {
  private static final int SPINS = 200;
  private static final long MAX_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(1);

  private final LongSupplier clock;
  private final long start;
  private final long nanos;
  private int spins;
  private long pauseNanos = FIRST_PAUSE_NANOS;

  /**
   * Begins now.
   *
   * @param clock {@link dev.offramp.spi.DriverContext#nanoTime}
   */
  public Patience(LongSupplier clock, long nanos) {
    this.clock = clock;
    this.start = clock.getAsLong();
    this.nanos = nanos;
  }

  /** Whether the time is over. */
  public boolean isOver() {
    return clock.getAsLong() - start >= nanos;
  }

  /** How much time is left; 0 when it is over. */
  public long leftNanos() {
    return Math.max(0, nanos - (clock.getAsLong() - start));
  }

  /** Gives others the processor before the next look. */
  public void pause() {
    if (spins < SPINS) {
      spins++;
      Thread.onSpinWait();
      return;
    }
    LockSupport.parkNanos(pauseNanos);
    pauseNanos = Math.min(2 * pauseNanos, MAX_PAUSE_NANOS);
  }
}

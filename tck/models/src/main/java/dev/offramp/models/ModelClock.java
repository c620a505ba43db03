package dev.offramp.models;

import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The machine's monotonic clock, which a test can put forward, so that a deadline of a minute
 * passes at once. Safe for any thread.
 */
public final class ModelClock implements LongSupplier {
  private final AtomicLong aheadNanos = new AtomicLong();
  private volatile long nanosPerLook;

  /** A clock that agrees with {@link System#nanoTime}. */
  public ModelClock() {}

  @Override
  public long getAsLong() {
    long step = nanosPerLook;
    return System.nanoTime() + (step == 0 ? aheadNanos.get() : aheadNanos.addAndGet(step));
  }

  /** Puts the clock forward, once. */
  public void jump(long nanos) {
    aheadNanos.addAndGet(nanos);
  }

  /**
   * From now on puts the clock forward at each look: whoever waits with a deadline for something
   * that never comes is through after a few looks. 0 ends that.
   */
  public void hurry(long nanosPerLook) {
    this.nanosPerLook = nanosPerLook;
  }
}

package dev.offramp.provider.intel;

import java.util.concurrent.TimeUnit;

/** One thread's wait: how it looks again, first often and then seldom, and when it is over. */
final class Waiting {
  /** How long a thread looks again and again before it sleeps: about what that would cost. */
  private static final long SPIN_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

  private static final int MAX_SPINS = 200;

  /** An interrupt may be lost: nobody sleeps longer than this without a look. */
  private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

  private static final boolean CAN_SPIN = Runtime.getRuntime().availableProcessors() > 1;

  private final Adapter adapter;
  private final long timeoutNanos;
  private final long beginNanos;
  private int spins;

  Waiting(Adapter adapter, long timeoutNanos) {
    this.adapter = adapter;
    this.timeoutNanos = timeoutNanos;
    this.beginNanos = adapter.context().nanoTime();
  }

  private boolean spinsOn() {
    return CAN_SPIN && spins < MAX_SPINS && adapter.context().nanoTime() - beginNanos < SPIN_NANOS;
  }

  /** Whether the next pause is a sleep, from which the device should wake the thread. */
  boolean wantsEvent() {
    return !spinsOn();
  }

  /** Whether the time is over. */
  boolean isOver() {
    return adapter.context().nanoTime() - beginNanos >= timeoutNanos;
  }

  /** Lets time pass, until there is more news than {@code seen} or it is time to look again. */
  void pause(Wakeup wakeup, long seen) throws InterruptedException {
    if (spinsOn()) {
      spins++;
      Thread.onSpinWait();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      return;
    }
    long left = timeoutNanos - (adapter.context().nanoTime() - beginNanos);
    wakeup.await(seen, Math.min(SLICE_NANOS, Math.max(left, 1)));
  }
}

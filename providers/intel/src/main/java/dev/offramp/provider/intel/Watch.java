package dev.offramp.provider.intel;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * How threads wait for a connection: they look at its queues themselves, besides being woken. For
 * any thread.
 */
final class Watch {
  private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Adapter adapter;
  private final ConnectionLock lock;
  private final QueueMemory memory;
  private final StreamLife life;
  private final CompletionIntake intake;
  private final Wakeup wakeup = new Wakeup();

  /**
   * An event is asked for and has not come. To ask again would count as another request; should the
   * event be lost, threads that wait look at the queue now and then all the same.
   */
  private final AtomicBoolean armed = new AtomicBoolean();

  private final Runnable enter;
  private final Runnable enterAnyway;
  private volatile long quietSinceNanos;

  Watch(
      Adapter adapter,
      ConnectionLock lock,
      QueueMemory memory,
      StreamLife life,
      CompletionIntake intake) {
    this.adapter = adapter;
    this.lock = lock;
    this.memory = memory;
    this.life = life;
    this.intake = intake;
    this.enter = lock::enter;
    this.enterAnyway = lock::enterAnyway;
  }

  /** The CQ has something new. */
  void completed() {
    armed.set(false);
    wakeup.wake();
  }

  /** Threads that wait look anew. */
  void wake() {
    wakeup.wake();
  }

  /**
   * For the application: waits until {@code done}, which is asked under the lock after the queues
   * were looked at.
   *
   * @param timeoutNanos {@link Long#MAX_VALUE} for as long as it takes
   * @return whether it was so within the time
   */
  boolean await(long timeoutNanos, BooleanSupplier done) throws InterruptedException {
    return await(timeoutNanos, enter, done);
  }

  /** The same, while the application's threads are kept out. */
  boolean awaitStopped(long timeoutNanos, BooleanSupplier done) throws InterruptedException {
    return await(timeoutNanos, enterAnyway, done);
  }

  private boolean await(long timeoutNanos, Runnable entrance, BooleanSupplier done)
      throws InterruptedException {
    Waiting waiting = new Waiting(adapter, timeoutNanos);
    while (true) {
      long news = wakeup.news();
      if (look(entrance, done, waiting.wantsEvent())) {
        return true;
      }
      adapter.events().service();
      if (look(entrance, done, /* arm= */ false)) {
        return true;
      }
      if (waiting.isOver()) {
        return false;
      }
      waiting.pause(wakeup, news);
      idle();
    }
  }

  private boolean look(Runnable entrance, BooleanSupplier done, boolean arm) {
    entrance.run();
    try {
      intake.drain();
      if (done.getAsBoolean()) {
        return true;
      }
      if (arm && !life.isDead() && armed.compareAndSet(false, true)) {
        memory.completions().arm(/* solicitedOnly= */ false);
        intake.drain();
        return done.getAsBoolean();
      }
      return false;
    } finally {
      lock.exit();
    }
  }

  /** Somebody has looked in vain: after a long time of that something may be wrong. */
  void idle() {
    long now = adapter.context().nanoTime();
    if (intake.takeBusy()) {
      quietSinceNanos = now;
    } else if (now - quietSinceNanos >= LONG_NANOS) {
      quietSinceNanos = now;
      nudge();
    }
  }

  /** Is the device well, and has it heard the doorbell? */
  private void nudge() {
    adapter.events().checkHealth();
    lock.enterAnyway();
    try {
      if (life.isServed() && !memory.sends().isAllSeen()) {
        memory.sends().ringAlways();
      }
    } finally {
      lock.exit();
    }
  }
}

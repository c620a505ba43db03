package dev.offramp.tck.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The thread on which the driver is called, so that a call may wait while others work. */
final class CallThread implements AutoCloseable {
  private static final long LOOK_NANOS = 50_000;

  /** One that changes locks is seen waiting for a moment; one that is stuck, always. */
  private static final int STUCK_LOOKS = 200;

  private final Thread thread;
  private volatile @Nullable FutureTask<?> job;
  private volatile @Nullable Thread waiter;
  private volatile boolean closed;
  private volatile boolean yielding;
  private volatile boolean leftTask;

  /** Whether it has run since it was woken last: until then its state says nothing. */
  private volatile boolean awake;

  CallThread() {
    thread = Thread.ofPlatform().name("kit-call").daemon(true).start(this::run);
  }

  /** Starts a job; the calling thread is woken when it is done or yields. */
  void start(FutureTask<?> task) {
    waiter = Thread.currentThread();
    awake = false;
    job = task;
    LockSupport.unpark(thread);
  }

  Thread thread() {
    return thread;
  }

  boolean isCurrent() {
    return Thread.currentThread() == thread;
  }

  /**
   * Called on the thread itself: lets the waiter work, and waits until it says {@link #resume}.
   *
   * @param inTask whether the waiter is in the middle of a task
   * @return false when the task waits for something that only this thread can give: it is left
   *     where it is
   */
  boolean yieldToWaiter(BooleanSupplier inTask) {
    yielding = true;
    LockSupport.unpark(waiter);
    int seen = 0;
    while (yielding && !closed) {
      LockSupport.parkNanos(this, LOOK_NANOS);
      seen = inTask.getAsBoolean() && waits(waiter) ? seen + 1 : 0;
      boolean stuck = seen >= STUCK_LOOKS || (seen > 0 && wantsLockOf(waiter, thread));
      if (stuck && takeBack()) {
        awake = true;
        return false;
      }
    }
    awake = true;
    return true;
  }

  private static boolean waits(@Nullable Thread other) {
    return other != null
        && switch (other.getState()) {
          case WAITING, BLOCKED -> true;
          default -> false;
        };
  }

  private static boolean wantsLockOf(@Nullable Thread other, Thread owner) {
    if (other == null) {
      return false;
    }
    ThreadInfo info = ManagementFactory.getThreadMXBean().getThreadInfo(other.threadId());
    return info != null && info.getLockOwnerId() == owner.threadId();
  }

  private synchronized boolean takeBack() {
    if (!yielding) {
      return false;
    }
    yielding = false;
    leftTask = true;
    return true;
  }

  /** Whether a task of the waiter was left in its middle and has not come to its end. */
  boolean hasLeftTask() {
    return leftTask;
  }

  /** Whether the calling thread is the one that waits for this one. */
  boolean isWaiter() {
    return Thread.currentThread().equals(waiter);
  }

  boolean isAwake() {
    return awake;
  }

  boolean isYielding() {
    return yielding;
  }

  /** The waiter has no task left. */
  synchronized void resume() {
    leftTask = false;
    if (yielding) {
      awake = false;
      yielding = false;
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (!closed) {
      FutureTask<?> task = job;
      if (task == null) {
        LockSupport.park(this);
        continue;
      }
      awake = true;
      task.run();
      // An interrupt that a driver set is not the next call's business.
      Thread.interrupted();
      job = null;
      LockSupport.unpark(waiter);
    }
  }

  boolean isIdle() {
    return job == null;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}

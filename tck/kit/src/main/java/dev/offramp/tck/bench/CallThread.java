package dev.offramp.tck.bench;

import java.util.concurrent.FutureTask;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The thread on which the driver is called, so that a call may wait while others work. */
final class CallThread implements AutoCloseable {
  private final Thread thread;
  private volatile @Nullable FutureTask<?> job;
  private volatile @Nullable Thread waiter;
  private volatile boolean closed;
  private volatile boolean yielding;

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

  /** Called on the thread itself: lets the waiter work, and waits until it says {@link #resume}. */
  void yieldToWaiter() {
    yielding = true;
    LockSupport.unpark(waiter);
    while (yielding && !closed) {
      LockSupport.park(this);
    }
    awake = true;
  }

  boolean isAwake() {
    return awake;
  }

  boolean isYielding() {
    return yielding;
  }

  void resume() {
    awake = false;
    yielding = false;
    LockSupport.unpark(thread);
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

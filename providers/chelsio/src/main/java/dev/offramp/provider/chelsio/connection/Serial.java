package dev.offramp.provider.chelsio.connection;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection's lock, and the work that came while somebody else had it. Who drains the adapter's
 * events never waits for the lock, as an application may hold it inside of its completion handler:
 * the work is left behind, and whoever has the lock, or waits for news, does it.
 */
final class Serial {
  /** What an interrupt that was lost may cost. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();

  /** Threads in {@link #await}. */
  private final Queue<Thread> waiting = new ConcurrentLinkedQueue<>();

  void enter() {
    lock.lock();
  }

  /** Whether this thread has the lock, as in a completion handler. */
  boolean isHeld() {
    return lock.isHeldByCurrentThread();
  }

  /** Whether it has it more than once. */
  boolean isNested() {
    return lock.getHoldCount() > 1;
  }

  /** Lets go of the lock, and does what came meanwhile. */
  void exit() {
    if (lock.getHoldCount() == 1) {
      work();
    }
    lock.unlock();
    help();
  }

  /** Has work done under the lock: now, or by whoever has it. */
  void submit(Runnable work) {
    inbox.add(work);
    help();
    if (!inbox.isEmpty()) {
      // Who has the lock may be about to wait.
      signal();
    }
  }

  private void help() {
    while (!inbox.isEmpty() && !lock.isHeldByCurrentThread() && lock.tryLock()) {
      try {
        work();
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean work() {
    boolean any = false;
    for (Runnable next = inbox.poll(); next != null; next = inbox.poll()) {
      next.run();
      any = true;
    }
    return any;
  }

  /** Wakes all that wait. */
  void signal() {
    waiting.forEach(LockSupport::unpark);
  }

  /**
   * Waits for news, with the lock let go; may come back without any. Under the lock.
   *
   * @param nanos how long at most
   */
  void await(long nanos) throws InterruptedException {
    if (work()) {
      return;
    }
    Thread self = Thread.currentThread();
    waiting.add(self);
    int holds = lock.getHoldCount();
    try {
      for (int i = 0; i < holds; i++) {
        lock.unlock();
      }
      if (inbox.isEmpty()) {
        LockSupport.parkNanos(this, Math.min(nanos, LOOK_AGAIN_NANOS));
      }
    } finally {
      for (int i = 0; i < holds; i++) {
        lock.lock();
      }
      waiting.remove(self);
    }
    work();
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}

package dev.offramp.provider.chelsio.connection;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A connection's lock, and the work that came while somebody else had it. Who drains the adapter's
 * events never waits for the lock, as an application may hold it inside of its completion handler:
 * the work is left behind, and whoever has the lock does it before others get it.
 */
final class Serial {
  /** What an interrupt that was lost may cost. */
  private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Queue<Runnable> inbox = new ConcurrentLinkedQueue<>();

  void enter() {
    lock.lock();
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

  private void work() {
    for (Runnable next = inbox.poll(); next != null; next = inbox.poll()) {
      next.run();
    }
  }

  /** Wakes all that wait. Under the lock. */
  void signal() {
    changed.signalAll();
  }

  /**
   * Waits for news, with the lock let go; may come back without any. Under the lock.
   *
   * @param nanos how long at most
   */
  @SuppressWarnings("WaitNotInLoop") // the caller's loop knows what is waited for
  void await(long nanos) throws InterruptedException {
    work();
    changed.awaitNanos(Math.min(nanos, LOOK_AGAIN_NANOS));
    work();
  }

  /** Whether an application's handler runs on this thread, further up the stack. */
  boolean isNested() {
    return lock.getHoldCount() > 1;
  }
}

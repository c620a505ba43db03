package dev.offramp.provider.intel;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets threads wait for news. Its lock is taken after all others, and nothing is called with it.
 * Suits virtual threads.
 */
final class Wakeup {
  private final AtomicLong news = new AtomicLong();
  private final AtomicInteger waiters = new AtomicInteger();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** How much news there was; to be read before looking at what is waited for. */
  long news() {
    return news.get();
  }

  /** There is news. */
  void wake() {
    news.incrementAndGet();
    // A waiter counts itself before it looks at the news, so one of the two sees the other.
    if (waiters.get() > 0) {
      lock.lock();
      try {
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** Waits until there is more news than {@code seen}, or the time is over. */
  void await(long seen, long nanos) throws InterruptedException {
    waiters.incrementAndGet();
    try {
      lock.lockInterruptibly();
      try {
        long left = nanos;
        while (news.get() == seen && left > 0) {
          left = changed.awaitNanos(left);
        }
      } finally {
        lock.unlock();
      }
    } finally {
      waiters.decrementAndGet();
    }
  }

  /** How many threads wait; for tests. */
  int waiters() {
    return waiters.get();
  }
}

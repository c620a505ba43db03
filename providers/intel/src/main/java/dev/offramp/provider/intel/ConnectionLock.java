package dev.offramp.provider.intel;

import dev.offramp.spi.ConnectionMovedException;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What guards a connection's queues and its {@link StreamLife}. What the device says comes into a
 * mailbox, and whoever lets go of the lock empties it, so that no thread of the device's ever waits
 * for the application. While a connection is stopped for a move the application's threads wait
 * here.
 */
final class ConnectionLock {
  private final String ownerName;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition goesOn = lock.newCondition();
  private final Queue<Runnable> mailbox = new ConcurrentLinkedQueue<>();

  /** Under the lock, as the next. */
  private boolean stopped;

  private boolean moved;

  ConnectionLock(String ownerName) {
    this.ownerName = ownerName;
  }

  /**
   * For the application: waits while the connection is stopped for a move.
   *
   * @throws ConnectionMovedException when it has left
   */
  void enter() {
    lock.lock();
    while (stopped && lock.getHoldCount() == 1) {
      goesOn.awaitUninterruptibly();
    }
    if (moved) {
      lock.unlock();
      throw new ConnectionMovedException(ownerName);
    }
  }

  /**
   * For the RNIC: does not wait.
   *
   * @throws ConnectionMovedException when it has left
   */
  void enterHere() {
    lock.lock();
    if (moved) {
      lock.unlock();
      throw new ConnectionMovedException(ownerName);
    }
  }

  /** For whoever stops it, and for its end. */
  void enterAnyway() {
    lock.lock();
  }

  /** Lets go of the lock, and does what came into the mailbox meanwhile. */
  void exit() {
    if (lock.getHoldCount() > 1) {
      lock.unlock();
      return;
    }
    do {
      try {
        Runnable letter;
        while ((letter = mailbox.poll()) != null) {
          letter.run();
        }
      } finally {
        lock.unlock();
      }
    } while (!mailbox.isEmpty() && lock.tryLock());
  }

  /** Has {@code letter} run under the lock, soon, by this thread or another. */
  void deliver(Runnable letter) {
    mailbox.add(letter);
    if (!lock.isHeldByCurrentThread() && lock.tryLock()) {
      exit();
    }
  }

  /** Whether this thread is inside a call already, as in a completion handler. */
  boolean isNested() {
    return lock.isHeldByCurrentThread();
  }

  /** Threads of the application wait from now on. Under the lock. */
  void stop() {
    stopped = true;
  }

  /**
   * They go on.
   *
   * @param left whether that is at the next owner
   */
  void letGo(boolean left) {
    enterAnyway();
    try {
      stopped = false;
      moved = left;
      goesOn.signalAll();
    } finally {
      exit();
    }
  }
}

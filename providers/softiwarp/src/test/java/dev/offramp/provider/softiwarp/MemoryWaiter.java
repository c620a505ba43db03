package dev.offramp.provider.softiwarp;

import dev.offramp.spi.port.StreamWaiter;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Waits for a {@link MemoryPort} as the kernel would: level-triggered, and for what is asked. */
final class MemoryWaiter implements StreamWaiter {
  private final MemoryPort port;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean wakeup;
  private boolean waiting;
  private boolean deafToBytes;

  MemoryWaiter(MemoryPort port) {
    this.port = port;
  }

  @Override
  public void await(boolean readable, boolean writable, long timeoutNanos) {
    lock.lock();
    try {
      waiting = true;
      long left = timeoutNanos;
      while (!wakeup
          && !(readable && !deafToBytes && port.isReadable())
          && !(writable && port.isWritable())
          && left > 0) {
        left = Math.min(left, TimeUnit.DAYS.toNanos(1));
        left = changed.awaitNanos(left);
      }
      wakeup = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      waiting = false;
      lock.unlock();
    }
  }

  /** Whether bytes that come end no wait: another thread shall take them first. */
  void setDeafToBytes(boolean deaf) {
    lock.lock();
    try {
      deafToBytes = deaf;
    } finally {
      lock.unlock();
    }
  }

  /** Something about the port is different. */
  void look() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether a thread waits here now. */
  boolean isWaiting() {
    lock.lock();
    try {
      return waiting && lock.hasWaiters(changed);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void wakeup() {
    lock.lock();
    try {
      wakeup = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    wakeup();
  }
}

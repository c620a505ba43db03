package dev.offramp.iwarp;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * Measures what a piece of work allocates on the heap, so that a stranger's bytes cannot make an
 * engine allocate more than they are worth. Class loading and the JIT compiler allocate now and
 * then on the same thread: only what happens again and again is the engine's.
 */
public final class AllocationBound {
  private static final int TRIES = 4;
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private AllocationBound() {}

  /**
   * Runs {@code work} until one run stays within the bound.
   *
   * @param limitBytes the bound
   * @param work what to measure; it can be repeated, and returns the bytes that it allocated
   * @throws AssertionError when none of four runs stays within it
   */
  public static void check(long limitBytes, Measured work) {
    long seen = 0;
    for (int i = 0; i < TRIES; i++) {
      seen = work.allocatedBytes();
      if (seen <= limitBytes) {
        return;
      }
    }
    throw new AssertionError("bytes allocated: seen [" + seen + "], at most " + limitBytes);
  }

  /** Bytes that this thread has allocated so far. */
  public static long now() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  /** Work that measures a part of itself with {@link #now}. */
  @FunctionalInterface
  public interface Measured {
    long allocatedBytes();
  }
}

package dev.offramp.benchmarks.softiwarp;

import java.util.concurrent.CompletionService;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs both ends of something, each on a thread of its own, and times the near one. */
final class TwoThreads implements AutoCloseable {
  private static final int LIMIT_SECONDS = 120;
  private static final ThreadFactory THREADS =
      Thread.ofPlatform().name("bench-", 0).daemon().factory();

  private final ExecutorService threads = Executors.newFixedThreadPool(2, THREADS);

  /** One end. */
  @FunctionalInterface
  interface End {
    void run() throws Exception;
  }

  /** How long the near end took, in nanoseconds; both start together. */
  long run(End near, End far) throws Exception {
    CyclicBarrier start = new CyclicBarrier(2);
    CompletionService<Long> ends = new ExecutorCompletionService<>(threads);
    Future<Long> timed = ends.submit(() -> timed(start, near));
    ends.submit(() -> timed(start, far));
    try {
      // In the order in which they end: whichever fails first is what went wrong.
      for (int i = 0; i < 2; i++) {
        Future<Long> ended = ends.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        if (ended == null) {
          throw new TimeoutException("not done in " + LIMIT_SECONDS + " s");
        }
        ended.get();
      }
      return timed.get();
    } catch (Exception e) {
      threads.shutdownNow();
      throw e;
    }
  }

  private static long timed(CyclicBarrier start, End end) throws Exception {
    start.await();
    long begin = System.nanoTime();
    end.run();
    return System.nanoTime() - begin;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

package dev.offramp.benchmarks.dataplane;

import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
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
    Future<Long> first =
        threads.submit(() -> {
          start.await();
          long begin = System.nanoTime();
          near.run();
          return System.nanoTime() - begin;
        });
    Future<?> second =
        threads.submit(() -> {
          start.await();
          far.run();
          return null;
        });
    try {
      // Whichever fails first is what went wrong.
      while (!first.isDone() && !(second.isDone() && second.state() == Future.State.FAILED)) {
        Thread.sleep(1);
      }
      second.get(LIMIT_SECONDS, TimeUnit.SECONDS);
      return first.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      threads.shutdownNow();
      throw e;
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}

package dev.offramp.spi.port;

import org.apiguardian.api.API;

/** One thread that serves many connections. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface EventLoop {
  /** Runs {@code task} on the loop's thread, soon; never before this call returns. */
  void execute(Runnable task);

  /**
   * Runs {@code task} on the loop's thread at the given time of {@link System#nanoTime} or a little
   * later.
   */
  Timer schedule(long deadlineNanos, Runnable task);

  /**
   * As {@link #schedule(long, Runnable)}, for a task that comes again and again: may use a timer
   * instead of making one. For the loop's own thread.
   *
   * @param ran a timer of this loop whose task has run; its caller uses the result instead of it
   */
  default Timer schedule(Timer ran, long deadlineNanos, Runnable task) {
    return schedule(deadlineNanos, task);
  }

  /** A task that waits for its time. */
  interface Timer {
    /** Takes it back; nothing when it has run. */
    void cancel();
  }
}

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

  /** A task that waits for its time. */
  interface Timer {
    /** Takes it back; nothing when it has run. */
    void cancel();
  }
}

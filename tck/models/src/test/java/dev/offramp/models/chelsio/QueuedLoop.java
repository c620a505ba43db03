package dev.offramp.models.chelsio;

import dev.offramp.spi.port.EventLoop;
import java.util.ArrayDeque;
import java.util.Deque;

/** Tasks wait until the test's own thread runs them; timers never come. */
final class QueuedLoop implements EventLoop {
  private final Deque<Runnable> tasks = new ArrayDeque<>();

  @Override
  public void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public Timer schedule(long deadlineNanos, Runnable task) {
    return () -> {};
  }

  /** Runs all there is, and what that brings; more than {@code most} tasks are a hang. */
  void run(int most) {
    int count = 0;
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      task.run();
      if (++count > most) {
        throw new AssertionError("more than " + most + " tasks: the model does not come to rest");
      }
    }
  }
}

package dev.offramp.tck.bench;

import dev.offramp.spi.port.EventLoop;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tasks and timers of one kind: the event loops', or a model's. Whoever has the baton runs them.
 * Timers of equal times run in the order in which they were set.
 */
final class TaskQueue implements EventLoop {
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private final PriorityQueue<TimedTask> timers =
      new PriorityQueue<>(
          Comparator.<TimedTask>comparingLong(task -> task.deadlineNanos)
              .thenComparingLong(task -> task.number));
  private final LongSupplier clock;
  private long numbers;

  TaskQueue(LongSupplier clock) {
    this.clock = clock;
  }

  @Override
  public synchronized void execute(Runnable task) {
    tasks.add(task);
  }

  @Override
  public synchronized Timer schedule(long deadlineNanos, Runnable task) {
    TimedTask timer = new TimedTask(deadlineNanos, numbers++, task);
    timers.add(timer);
    return () -> cancel(timer);
  }

  private synchronized void cancel(TimedTask timer) {
    timers.remove(timer);
  }

  /** What is due next; null when nothing is. */
  synchronized @Nullable Runnable poll() {
    Runnable task = tasks.poll();
    if (task != null) {
      return task;
    }
    TimedTask timer = timers.peek();
    if (timer != null && timer.deadlineNanos <= clock.getAsLong()) {
      timers.remove();
      return timer.task;
    }
    return null;
  }

  synchronized boolean isDue() {
    TimedTask timer = timers.peek();
    return !tasks.isEmpty() || (timer != null && timer.deadlineNanos <= clock.getAsLong());
  }

  /** When the next timer is due; {@link Long#MAX_VALUE} when there is none. */
  synchronized long nextDeadlineNanos() {
    TimedTask timer = timers.peek();
    return timer == null ? Long.MAX_VALUE : timer.deadlineNanos;
  }

  synchronized int timerCount() {
    return timers.size();
  }

  private record TimedTask(long deadlineNanos, long number, Runnable task) {}
}

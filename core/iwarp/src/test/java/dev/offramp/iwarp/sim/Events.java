package dev.offramp.iwarp.sim;

import java.util.Comparator;
import java.util.PriorityQueue;

/** The virtual clock, and what happens when. Same calls, same order: nothing else decides. */
final class Events {
  private record Event(long atNanos, long number, Runnable action) {}

  private final PriorityQueue<Event> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Event::atNanos).thenComparingLong(Event::number));
  private long nowNanos = 1_000_000;
  private long count;

  long nowNanos() {
    return nowNanos;
  }

  void after(long delayNanos, Runnable action) {
    queue.add(new Event(nowNanos + delayNanos, count++, action));
  }

  /** Runs the next event; false when there is none. */
  boolean runNext() {
    Event next = queue.poll();
    if (next == null) {
      return false;
    }
    nowNanos = next.atNanos();
    next.action().run();
    return true;
  }
}

package dev.offramp.models.intel;

import dev.offramp.spi.port.EventLoop;

/**
 * Register writes on their way from the driver's threads to the model's loop, in order. Queueing
 * one allocates nothing as long as the loop keeps up.
 */
final class RegisterWrites {
  private static final int FIRST_ENTRIES = 64;
  private static final int MAX_ENTRIES = 1 << 16;

  /** Takes a write on the loop. */
  @FunctionalInterface
  interface Target {
    void written(long offset, int value);
  }

  private final EventLoop loop;
  private final Target target;
  private final Runnable drain = this::drain;

  // Guarded by this.
  private long[] offsets = new long[FIRST_ENTRIES];
  private int[] values = new int[FIRST_ENTRIES];
  private int first;
  private int count;
  private boolean scheduled;

  RegisterWrites(EventLoop loop, Target target) {
    this.loop = loop;
    this.target = target;
  }

  void add(long offset, int value) {
    boolean schedule;
    synchronized (this) {
      if (count == offsets.length) {
        if (count == MAX_ENTRIES) {
          throw new IllegalStateException(
              "the model's loop does not keep up: " + count + " writes");
        }
        grow();
      }
      int at = (first + count) % offsets.length;
      offsets[at] = offset;
      values[at] = value;
      count++;
      schedule = !scheduled;
      scheduled = true;
    }
    if (schedule) {
      loop.execute(drain);
    }
  }

  /** Those that are on their way never arrive. */
  synchronized void discard() {
    count = 0;
  }

  private void grow() {
    long[] moreOffsets = new long[2 * count];
    int[] moreValues = new int[2 * count];
    for (int i = 0; i < count; i++) {
      moreOffsets[i] = offsets[(first + i) % count];
      moreValues[i] = values[(first + i) % count];
    }
    offsets = moreOffsets;
    values = moreValues;
    first = 0;
  }

  private void drain() {
    while (true) {
      long offset;
      int value;
      synchronized (this) {
        if (count == 0) {
          scheduled = false;
          return;
        }
        offset = offsets[first];
        value = values[first];
        first = (first + 1) % offsets.length;
        count--;
      }
      boolean done = false;
      try {
        target.written(offset, value);
        done = true;
      } finally {
        if (!done) {
          // What was thrown is the loop's; the writes behind this one still have to come.
          loop.execute(drain);
        }
      }
    }
  }
}

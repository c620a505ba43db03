package dev.offramp.models;

import java.util.concurrent.atomic.AtomicInteger;

/** One place fails once: at the nth time that the model comes by. Safe for any thread. */
public final class NthFault implements Faults {
  private final String place;
  private final int nth;
  private final long value;
  private final AtomicInteger passed = new AtomicInteger();

  /**
   * Something will go wrong.
   *
   * @param place which place
   * @param nth 1 for the first time
   * @param value what the place gets; not {@link #NO_FAULT}
   */
  public NthFault(String place, int nth, long value) {
    if (nth < 1 || value == NO_FAULT) {
      throw new IllegalArgumentException(
          "fault [%s]: time [%d], value [%d]; expected 1 and up, and not 0"
              .formatted(place, nth, value));
    }
    this.place = place;
    this.nth = nth;
    this.value = value;
  }

  @Override
  public long at(String at) {
    return place.equals(at) && passed.incrementAndGet() == nth ? value : NO_FAULT;
  }

  /** Whether it has gone wrong. A test that injects a fault asserts that it came. */
  public boolean hasHappened() {
    return passed.get() >= nth;
  }

  @Override
  public String toString() {
    return "[%s] time %d: %#x".formatted(place, nth, value);
  }
}

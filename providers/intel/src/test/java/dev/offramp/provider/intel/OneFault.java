package dev.offramp.provider.intel;

import dev.offramp.models.Faults;
import java.util.concurrent.atomic.AtomicInteger;

/** One place fails, once: the so-and-so-many-th time that the device comes by. */
final class OneFault implements Faults {
  private final String place;
  private final long value;
  private final Runnable onFault;
  private final AtomicInteger left;

  /**
   * A fault to come.
   *
   * @param turn 1 for the first time
   * @param value what the place is to do
   * @param onFault run when it comes
   */
  OneFault(String place, int turn, long value, Runnable onFault) {
    this.place = place;
    this.value = value;
    this.onFault = onFault;
    this.left = new AtomicInteger(turn);
  }

  @Override
  public long at(String where) {
    if (where.equals(place) && left.get() > 0 && left.decrementAndGet() == 0) {
      onFault.run();
      return value;
    }
    return NO_FAULT;
  }

  /** What has not failed by now never will: no two runs come by a place equally often. */
  void disarm() {
    left.set(0);
  }
}

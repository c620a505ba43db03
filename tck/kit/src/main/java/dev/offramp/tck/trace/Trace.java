package dev.offramp.tck.trace;

import dev.offramp.api.descriptor.Octets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** All that happened at the ports, in one order. Safe for use by several threads. */
public final class Trace {
  /** More than any experiment needs; a driver that spins on a register must not fill the heap. */
  private static final int MAX_EVENTS = 200_000;

  private final List<TraceEvent> events = new ArrayList<>();
  private final LongSupplier clock;
  private int registerWrites;
  private int lost;

  /**
   * A trace without events.
   *
   * @param clock the kit's, nanoseconds
   */
  public Trace(LongSupplier clock) {
    this.clock = clock;
  }

  public void add(TraceEvent.Kind kind, String place, String text) {
    add(kind, place, Octets.empty(), text);
  }

  /** Appends an event. */
  public synchronized void add(TraceEvent.Kind kind, String place, Octets bytes, String text) {
    if (kind == TraceEvent.Kind.REGISTER_WRITE) {
      registerWrites++;
    }
    if (events.size() >= MAX_EVENTS) {
      lost++;
      return;
    }
    events.add(new TraceEvent(events.size(), clock.getAsLong(), kind, place, bytes, text));
  }

  /** The events so far. */
  public synchronized List<TraceEvent> events() {
    return List.copyOf(events);
  }

  /** Those from {@code number} on. */
  public synchronized List<TraceEvent> since(int number) {
    return List.copyOf(events.subList(Math.min(number, events.size()), events.size()));
  }

  public synchronized int size() {
    return events.size() + lost;
  }

  /** How many registers were written: the device's own clock. */
  public synchronized int registerWrites() {
    return registerWrites;
  }
}

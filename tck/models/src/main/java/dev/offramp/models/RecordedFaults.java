package dev.offramp.models;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts which places are passed, and lets others decide what happens there: a first run says what
 * a second one can make fail. Safe for any thread.
 */
public final class RecordedFaults implements Faults {
  private final Faults decides;
  private final Map<String, Integer> seen = new LinkedHashMap<>();

  /** Nothing goes wrong. */
  public RecordedFaults() {
    this(NONE);
  }

  /** {@code decides} says what goes wrong. */
  public RecordedFaults(Faults decides) {
    this.decides = decides;
  }

  @Override
  public long at(String place) {
    synchronized (this) {
      seen.merge(place, 1, Integer::sum);
    }
    return decides.at(place);
  }

  /** How often each place was passed, in the order of the first time. */
  public synchronized Map<String, Integer> seen() {
    return Collections.unmodifiableMap(new LinkedHashMap<>(seen));
  }
}

package dev.offramp.tck.oracle;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.tck.trace.TraceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * All that a driver did with one connection, by place: what it wrote to registers and device
 * memory, what it asked the stream port for, what went to the peer, and what it told the
 * application. Two of them can be compared place by place.
 *
 * @param refused the reasons of a refusal; empty when the connection was taken
 * @param losses fields that the driver said beforehand would not be kept as they are
 * @param outputs octets by place; the nth write at one place is a place of its own
 * @param upcalls what the connection says of itself
 * @param events the trace, for findings
 */
public record Observation(
    Set<String> refused,
    Set<String> losses,
    SortedMap<String, Octets> outputs,
    List<String> upcalls,
    List<TraceEvent> events) {
  /** Where the stream port was asked for a connection: the port's business, not the driver's. */
  public static final String PREPARE = "prepare";

  /** What went to the peer. */
  public static final String WIRE = "wire";

  /** A connection that was refused. */
  public static Observation refused(Set<String> reasons) {
    return new Observation(reasons, Set.of(), new TreeMap<>(), List.of(), List.of());
  }

  /** Sorts a trace by places. */
  public static Observation of(Set<String> losses, List<TraceEvent> events, List<String> upcalls) {
    SortedMap<String, Octets> outputs = new TreeMap<>();
    Map<String, Integer> times = new HashMap<>();
    for (TraceEvent event : events) {
      switch (event.kind()) {
        case REGISTER_WRITE, DMA ->
            outputs.put(
                event.place() + " #" + times.merge(event.place(), 1, Integer::sum), event.bytes());
        case PREPARE -> outputs.merge(PREPARE, event.bytes(), Octets::concat);
        case SENT -> outputs.merge(WIRE, event.bytes(), Octets::concat);
        default -> {
          // Not octets.
        }
      }
    }
    return new Observation(Set.of(), losses, outputs, upcalls, events);
  }

  /** Whether the driver took the connection. */
  public boolean isTaken() {
    return refused.isEmpty();
  }

  /** What a device or a stream port got, and nothing else. */
  public boolean isSameAtDevice(Observation other) {
    return outputs.equals(other.outputs);
  }

  /** Places where the two differ. */
  public List<String> differences(Observation other) {
    Set<String> places = new TreeSet<>(outputs.keySet());
    places.addAll(other.outputs.keySet());
    List<String> differences = new ArrayList<>();
    for (String place : places) {
      Octets mine = outputs.get(place);
      Octets others = other.outputs.get(place);
      if (mine == null || others == null || !mine.equals(others)) {
        differences.add(place);
      }
    }
    return differences;
  }
}

package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.report.Finding.Evidence;
import dev.offramp.tck.report.Finding.Line;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Makes evidence of descriptors and traces. */
final class Evidences {
  private static final int MAX_EVENTS = 160;
  private static final int MAX_BYTES = 256;

  private Evidences() {}

  static Evidence of(Conversation conversation) {
    return of(conversation.descriptor(), conversation.bench().trace());
  }

  static Evidence of(IwarpConnectionDescriptor descriptor, Trace trace) {
    return new Evidence(List.of(hex(descriptor)), Map.of(), List.of(lines(trace.events())));
  }

  static Evidence of(Trace trace) {
    return new Evidence(List.of(), Map.of(), List.of(lines(trace.events())));
  }

  static Evidence of(IwarpConnectionDescriptor descriptor) {
    return new Evidence(List.of(hex(descriptor)), Map.of(), List.of());
  }

  /** A pair that should not look alike, or should. */
  static Evidence of(
      IwarpConnectionDescriptor one,
      List<TraceEvent> oneTrace,
      IwarpConnectionDescriptor other,
      List<TraceEvent> otherTrace) {
    return new Evidence(
        List.of(hex(one), hex(other)),
        differences(one, other),
        List.of(lines(oneTrace), lines(otherTrace)));
  }

  static Map<String, List<String>> differences(
      IwarpConnectionDescriptor one, IwarpConnectionDescriptor other) {
    Map<String, List<String>> differences = new TreeMap<>();
    for (FieldKey<?> key : DescriptorFields.all()) {
      String first = shown(one, key);
      String second = shown(other, key);
      if (!first.equals(second)) {
        differences.put(key.path(), List.of(first, second));
      }
    }
    return differences;
  }

  private static String shown(IwarpConnectionDescriptor d, FieldKey<?> key) {
    return d.isKnown(key) ? String.valueOf(d.value(key)) : "absent";
  }

  private static String hex(IwarpConnectionDescriptor descriptor) {
    return HexFormat.of().formatHex(descriptor.toBytes());
  }

  /** What a device or peer can tell comes first to mind; the rest is shown while there is room. */
  private static List<Line> lines(List<TraceEvent> events) {
    return events.stream()
        .filter(event -> events.size() <= MAX_EVENTS || event.isOutput())
        .limit(MAX_EVENTS)
        .map(Evidences::line)
        .toList();
  }

  private static Line line(TraceEvent event) {
    byte[] bytes = event.bytes().toByteArray();
    String hex = HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, MAX_BYTES));
    return new Line(event.kind().name(), event.place(), hex, event.text());
  }
}

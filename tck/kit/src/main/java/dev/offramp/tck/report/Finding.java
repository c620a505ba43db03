package dev.offramp.tck.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One breach of a rule, with what it takes to see it again.
 *
 * @param rule its id
 * @param experiment which experiment found it
 * @param target on which device
 * @param seed with which seed
 * @param message what was seen, what was expected
 * @param evidence what shows it
 */
public record Finding(
    String rule, String experiment, String target, long seed, String message, Evidence evidence) {

  /**
   * What shows a finding. All parts may be empty.
   *
   * @param descriptors the descriptors that went in, in binary form as hex: one, or a pair
   * @param differences how the two differ: field, and both values
   * @param traces what happened with each of them
   */
  public record Evidence(
      List<String> descriptors, Map<String, List<String>> differences, List<List<Line>> traces) {
    public static final Evidence NONE = new Evidence(List.of(), Map.of(), List.of());

    public Evidence {
      descriptors = List.copyOf(descriptors);
      differences = new TreeMap<>(differences);
      traces = List.copyOf(traces);
    }
  }

  /**
   * One line of a trace.
   *
   * @param kind what kind of event
   * @param place where
   * @param octets what was written, as hex
   * @param text the rest
   */
  public record Line(String kind, String place, String octets, String text) {}

  /** For {@link Json}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("rule", rule);
    map.put("experiment", experiment);
    map.put("target", target);
    map.put("seed", seed);
    map.put("message", message);
    if (!evidence.equals(Evidence.NONE)) {
      Map<String, Object> shown = new LinkedHashMap<>();
      shown.put("descriptors", evidence.descriptors());
      shown.put("differences", evidence.differences());
      shown.put(
          "traces",
          evidence.traces().stream()
              .map(trace ->
                  trace.stream()
                      .map(line -> List.of(line.kind(), line.place(), line.octets(), line.text()))
                      .toList())
              .toList());
      map.put("evidence", shown);
    }
    return map;
  }

  /** The reverse of {@link #toMap}. */
  public static Finding of(Map<String, Object> map) {
    Fields in = new Fields(map);
    Evidence evidence = Evidence.NONE;
    if (map.containsKey("evidence")) {
      Fields shown = in.map("evidence");
      Map<String, List<String>> differences = new TreeMap<>();
      Fields pairs = shown.map("differences");
      for (String field : pairs.keys()) {
        differences.put(field, pairs.strings(field));
      }
      evidence =
          new Evidence(
              shown.strings("descriptors"),
              differences,
              shown.lists("traces").stream()
                  .map(trace -> trace.stream().map(Finding::line).toList())
                  .toList());
    }
    return new Finding(
        in.text("rule"),
        in.text("experiment"),
        in.text("target"),
        in.number("seed"),
        in.text("message"),
        evidence);
  }

  private static Line line(Object item) {
    List<String> parts =
        item instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    return new Line(part(parts, 0), part(parts, 1), part(parts, 2), part(parts, 3));
  }

  private static String part(List<String> parts, int index) {
    return index < parts.size() ? parts.get(index) : "";
  }
}

package dev.offramp.tck.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some octets of a command, and which field each of their bits depends on.
 *
 * <p>In report.json: {@code command}, {@code octets}, {@code bitCount}, and {@code bits} as runs of
 * {@code bit} (the first), {@code count} and {@code fields}; bits in no run are constant.
 *
 * @param place where: an offset in a slab, a register, a place in the stream
 * @param octets one example of what stood there, as hex
 * @param bits for each bit, from the first octet's most significant on, the fields it depends on,
 *     joined by commas; empty for a constant
 */
public record ProvenanceRow(String place, String octets, List<String> bits) {
  private static final int MAX_BITS = 1 << 20;

  public ProvenanceRow {
    bits = List.copyOf(bits);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("command", place);
    map.put("octets", octets);
    map.put("bitCount", bits.size());
    // Runs of equal entries: most bits share theirs with their neighbours.
    List<Map<String, Object>> runs = new ArrayList<>();
    int at = 0;
    while (at < bits.size()) {
      int end = at;
      while (end < bits.size() && bits.get(end).equals(bits.get(at))) {
        end++;
      }
      if (!bits.get(at).isEmpty()) {
        Map<String, Object> run = new LinkedHashMap<>();
        run.put("bit", at);
        run.put("count", end - at);
        run.put("fields", List.of(bits.get(at).split(",", -1)));
        runs.add(run);
      }
      at = end;
    }
    map.put("bits", runs);
    return map;
  }

  static ProvenanceRow of(Map<String, Object> map) {
    Fields in = new Fields(map);
    String[] bits = new String[Math.clamp(in.number("bitCount"), 0, MAX_BITS)];
    Arrays.fill(bits, "");
    for (Map<String, Object> each : in.maps("bits")) {
      Fields run = new Fields(each);
      long end = Math.min(bits.length, run.number("bit") + run.number("count"));
      for (int i = Math.clamp(run.number("bit"), 0, MAX_BITS); i < end; i++) {
        bits[i] = String.join(",", run.strings("fields"));
      }
    }
    return new ProvenanceRow(in.text("command"), in.text("octets"), List.of(bits));
  }
}

package dev.offramp.tck.report;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Some octets of a command, and which field each of their bits depends on.
 *
 * @param place where: an offset in a slab, a register, a place in the stream
 * @param octets one example of what stood there, as hex
 * @param bits for each bit, from the first octet's most significant on, the fields it depends on,
 *     joined by commas; empty for a constant
 */
public record ProvenanceRow(String place, String octets, List<String> bits) {
  public ProvenanceRow {
    bits = List.copyOf(bits);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("place", place);
    map.put("octets", octets);
    // Runs of equal entries: most bits share theirs with their neighbours.
    Map<String, Object> runs = new LinkedHashMap<>();
    int at = 0;
    while (at < bits.size()) {
      int end = at;
      while (end < bits.size() && bits.get(end).equals(bits.get(at))) {
        end++;
      }
      if (!bits.get(at).isEmpty()) {
        runs.put(at + "-" + (end - 1), bits.get(at));
      }
      at = end;
    }
    map.put("bits", runs);
    return map;
  }

  static ProvenanceRow of(Map<String, Object> map) {
    Fields in = new Fields(map);
    String octets = in.text("octets");
    String[] bits = new String[octets.length() * 4];
    java.util.Arrays.fill(bits, "");
    Fields runs = in.map("bits");
    for (String run : runs.keys()) {
      int dash = run.indexOf('-');
      int from = Integer.parseInt(run.substring(0, dash));
      int to = Integer.parseInt(run.substring(dash + 1));
      for (int i = from; i <= to && i < bits.length; i++) {
        bits[i] = runs.text(run);
      }
    }
    return new ProvenanceRow(in.text("place"), octets, List.of(bits));
  }
}

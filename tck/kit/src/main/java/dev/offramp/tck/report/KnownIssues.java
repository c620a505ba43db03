package dev.offramp.tck.report;

import dev.offramp.tck.rule.RuleCatalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a vendor says about its own driver: rules that it is known to break, and rules that are not
 * to be counted. One on each line, {@code #} begins a comment:
 *
 * <pre>
 * known   L33  0.1.0-SNAPSHOT  limit of the first revision of the chip, ticket 4711
 * exclude R082 0.1.0-SNAPSHOT  challenged, see docs/tck.md
 * </pre>
 *
 * An entry is valid for exactly one version of the kit. A known issue that does not show any more
 * is an error: the entry has to go.
 *
 * @param known reasons by rule
 * @param excluded reasons by rule
 */
public record KnownIssues(Map<String, String> known, Map<String, String> excluded) {
  public static final KnownIssues NONE = new KnownIssues(Map.of(), Map.of());

  private static final int PARTS = 4;

  public KnownIssues {
    known = Map.copyOf(known);
    excluded = Map.copyOf(excluded);
  }

  /**
   * Reads a file.
   *
   * @param kitVersion the version of the kit that runs
   * @throws IOException when it cannot be read, or a line makes no sense: which, and why
   */
  public static KnownIssues read(Path file, String kitVersion) throws IOException {
    Map<String, String> known = new LinkedHashMap<>();
    Map<String, String> excluded = new LinkedHashMap<>();
    int number = 0;
    for (String raw : Files.readAllLines(file)) {
      number++;
      String line = raw.strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      String[] parts = line.split("\\s+", PARTS);
      if (parts.length < PARTS) {
        throw error(file, number, line, "known|exclude RULE KIT-VERSION REASON");
      }
      if (!parts[2].equals(kitVersion)) {
        throw error(
            file,
            number,
            line,
            "kit version " + kitVersion + "; look at the entry again, and say so");
      }
      try {
        RuleCatalogue.find(parts[1]);
      } catch (IllegalArgumentException e) {
        throw error(file, number, line, String.valueOf(e.getMessage()));
      }
      switch (parts[0]) {
        case "known" -> known.put(parts[1], parts[3]);
        case "exclude" -> excluded.put(parts[1], parts[3]);
        default -> throw error(file, number, line, "known or exclude");
      }
    }
    return new KnownIssues(known, excluded);
  }

  private static IOException error(Path file, int number, String seen, String expected) {
    return new IOException(
        "%s, line %d: seen [%s], expected %s".formatted(file, number, seen, expected));
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("known", new java.util.TreeMap<>(known));
    map.put("excluded", new java.util.TreeMap<>(excluded));
    return map;
  }

  static KnownIssues of(Fields in) {
    Map<String, String> known = new LinkedHashMap<>();
    Map<String, String> excluded = new LinkedHashMap<>();
    in.map("known").keys().forEach(rule -> known.put(rule, in.map("known").text(rule)));
    in.map("excluded").keys().forEach(rule -> excluded.put(rule, in.map("excluded").text(rule)));
    return new KnownIssues(known, excluded);
  }
}

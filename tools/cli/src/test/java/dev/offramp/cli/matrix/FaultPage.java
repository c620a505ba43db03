package dev.offramp.cli.matrix;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What was seen, as a table: which place of a fault ended how, for each pair. */
final class FaultPage {
  private static final Pattern ROW = Pattern.compile("\\| (.+ to .+) \\| (.+) \\| (.+) \\|");
  private static final String OR = " or ";

  /** Faults whose outcome is the same each time; of the others timing chooses one. */
  private static final List<String> DETERMINED = List.of("REFUSED", "EXCEPTION", "DEVICE_REFUSES");

  /** Pair and traffic, then fault, then place, then what came of it; each in order. */
  private final Map<String, Map<String, Map<String, Set<String>>>> seen = new TreeMap<>();

  private final List<String> wrong = new ArrayList<>();

  void add(FaultRig rig, Fault fault, String outcome) {
    add(pair(rig), fault.name(), place(fault), outcome);
  }

  private void add(String pair, String fault, String place, String outcome) {
    seen.computeIfAbsent(pair, any -> new TreeMap<>())
        .computeIfAbsent(fault, any -> new TreeMap<>())
        .computeIfAbsent(place, any -> new TreeSet<>())
        .add(outcome);
  }

  private static String pair(FaultRig rig) {
    return rig + ", " + rig.traffic().label();
  }

  private static String place(Fault fault) {
    return "`"
        + fault.where()
        + (fault.later() ? " later" : "")
        + "`"
        + (fault.device().isEmpty() ? "" : " of " + fault.device());
  }

  void wrong(FaultRig rig, @Nullable Fault fault, String why) {
    wrong.add("%s, %s: %s".formatted(pair(rig), fault, why));
  }

  List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** What came of all cases so far. */
  Set<String> outcomes() {
    Set<String> all = new TreeSet<>();
    seen.keySet().forEach(pair -> flat(pair).values().forEach(all::addAll));
    return all;
  }

  int cases() {
    return seen.values().stream()
        .flatMap(faults -> faults.values().stream())
        .mapToInt(Map::size)
        .sum();
  }

  int pairs() {
    return seen.size();
  }

  /**
   * Cases that a page has and were not seen, and the other way round; outcomes that it does not
   * know.
   */
  List<String> differences(FaultPage written) {
    List<String> differences = new ArrayList<>();
    Set<String> pairs = new TreeSet<>(seen.keySet());
    pairs.addAll(written.seen.keySet());
    for (String pair : pairs) {
      Map<String, Set<String>> here = flat(pair);
      Map<String, Set<String>> there = written.flat(pair);
      Set<String> keys = new TreeSet<>(here.keySet());
      keys.addAll(there.keySet());
      for (String key : keys) {
        Set<String> outcomes = here.getOrDefault(key, Set.of());
        Set<String> said = there.getOrDefault(key, Set.of());
        String difference = "%s, %s: seen %s, written %s".formatted(pair, key, outcomes, said);
        if (outcomes.isEmpty() || said.isEmpty()) {
          differences.add(difference);
        } else if (!said.containsAll(outcomes)) {
          if (DETERMINED.stream().anyMatch(key::startsWith)) {
            differences.add(difference);
          } else {
            System.out.println("not seen before, and right: " + difference);
          }
        }
      }
    }
    return differences;
  }

  private Map<String, Set<String>> flat(String pair) {
    Map<String, Set<String>> flat = new TreeMap<>();
    seen.getOrDefault(pair, Map.of())
        .forEach((fault, places) ->
            places.forEach((place, outcomes) -> flat.put(fault + " at " + place, outcomes)));
    return flat;
  }

  /** Adds what an earlier run has seen of cases that this one has seen, too. */
  void mergeKnown(FaultPage written) {
    written.seen.forEach((pair, faults) ->
        faults.forEach((fault, places) ->
            places.forEach((place, outcomes) -> {
              Set<String> here =
                  seen.getOrDefault(pair, Map.of()).getOrDefault(fault, Map.of()).get(place);
              if (here != null) {
                here.addAll(outcomes);
              }
            })));
  }

  /** Reads what {@link #table} has written. */
  static FaultPage parse(String text) {
    FaultPage page = new FaultPage();
    for (String line : text.lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        for (String group : row.group(3).split("<br>", -1)) {
          int colon = group.indexOf(": ");
          for (String outcome : group.substring(0, colon).split(OR, -1)) {
            for (String place : group.substring(colon + 2).split(", ", -1)) {
              page.add(row.group(1), row.group(2), place, outcome);
            }
          }
        }
      }
    }
    return page;
  }

  /** One row for each pair and fault. */
  String table() {
    StringBuilder text = new StringBuilder();
    text.append("| from, to, traffic | fault | outcome: where |\n|---|---|---|\n");
    seen.forEach((pair, faults) ->
        faults.forEach((fault, places) -> {
          Map<String, List<String>> byOutcome = new TreeMap<>();
          places.forEach((place, outcomes) ->
              byOutcome
                  .computeIfAbsent(String.join(OR, outcomes), any -> new ArrayList<>())
                  .add(place));
          List<String> cells = new ArrayList<>();
          byOutcome.forEach((outcome, at) -> cells.add(outcome + ": " + String.join(", ", at)));
          text.append("| %s | %s | %s |\n".formatted(pair, fault, String.join("<br>", cells)));
        }));
    return text.toString();
  }
}

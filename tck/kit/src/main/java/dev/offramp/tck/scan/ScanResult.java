package dev.offramp.tck.scan;

import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** What reading a jar has shown: places where rules are broken, and places to look at. */
public final class ScanResult {
  private static final int MAX_PLACES = 20;

  private final Map<Rule, TreeSet<String>> breaches = new LinkedHashMap<>();
  private final TreeSet<String> notes = new TreeSet<>();

  ScanResult() {}

  void breach(Rule rule, String place) {
    breaches.computeIfAbsent(rule, r -> new TreeSet<>()).add(place);
  }

  void note(String text) {
    notes.add(text);
  }

  void addAll(ScanResult other) {
    other.breaches.forEach((rule, places) -> places.forEach(place -> breach(rule, place)));
    notes.addAll(other.notes);
  }

  /** Places by the rule that is broken there. */
  public Map<Rule, List<String>> breaches() {
    Map<Rule, List<String>> copy = new LinkedHashMap<>();
    breaches.forEach((rule, places) -> copy.put(rule, List.copyOf(places)));
    return Collections.unmodifiableMap(copy);
  }

  /** What is weak by itself, and breaks no rule. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** All places of a rule as one text, the first of them in full. */
  public static String words(List<String> places) {
    List<String> shown = new ArrayList<>(places.subList(0, Math.min(MAX_PLACES, places.size())));
    if (places.size() > MAX_PLACES) {
      shown.add("and %d more".formatted(places.size() - MAX_PLACES));
    }
    return String.join("\n", shown);
  }
}

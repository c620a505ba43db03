package dev.offramp.tck.zoo;

import java.util.List;
import java.util.Map;

/**
 * How the kit fared with one specimen.
 *
 * @param specimen which
 * @param foundBy the experiments that found its own rule broken, with what they said
 * @param alarms rules that an honest one is said to break, with what was said
 * @param failures experiments that did not come to their end, and why
 */
public record Outcome(
    Specimen specimen,
    Map<String, String> foundBy,
    List<String> alarms,
    Map<String, String> failures) {
  /** Whether the kit was right: a wrong one is caught by its rule, an honest one passes. */
  public boolean isRight() {
    return specimen.rule().isPresent() ? !foundBy.isEmpty() : alarms.isEmpty();
  }
}

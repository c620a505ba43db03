package dev.offramp.models.intel;

import java.util.ArrayList;
import java.util.List;

/** What the model has to say about its driver. Safe for any thread. */
final class Notebook {
  /** Garbage must not fill the memory. */
  private static final int MAX_ENTRIES = 1000;

  private final List<Violation> violations = new ArrayList<>();
  private final List<String> refusals = new ArrayList<>();

  synchronized void violation(Violation.Kind kind, String detail) {
    if (violations.size() < MAX_ENTRIES) {
      violations.add(new Violation(kind, detail));
    }
  }

  /** Notes why a command failed: the device itself gives only a number. */
  synchronized void refusal(String why) {
    if (refusals.size() < MAX_ENTRIES) {
      refusals.add(why);
    }
  }

  synchronized List<Violation> violations() {
    return List.copyOf(violations);
  }

  synchronized List<String> refusals() {
    return List.copyOf(refusals);
  }
}

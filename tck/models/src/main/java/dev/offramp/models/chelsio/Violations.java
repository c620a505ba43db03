package dev.offramp.models.chelsio;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the driver did wrong so far. Written by the model's thread, read by any. */
final class Violations {
  /** A driver in a loop must not fill the heap. */
  private static final int MAX_KEPT = 1000;

  private final List<Violation> seen = new CopyOnWriteArrayList<>();

  void add(Violation.Kind kind, String where, String what, String expected) {
    if (seen.size() < MAX_KEPT) {
      seen.add(new Violation(kind, where, what, expected));
    }
  }

  void malformed(String where, MalformedException e) {
    add(Violation.Kind.MALFORMED, where, e.seen(), e.expected());
  }

  List<Violation> list() {
    return List.copyOf(seen);
  }
}

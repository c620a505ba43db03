package dev.offramp.models.chelsio;

import java.io.Serial;

/** A work request or message that cannot be what it says it is. */
final class MalformedException extends Exception {
  @Serial private static final long serialVersionUID = 1L;

  private final String seen;
  private final String expected;

  MalformedException(String seen, String expected) {
    super("seen [" + seen + "], expected " + expected);
    this.seen = seen;
    this.expected = expected;
  }

  String seen() {
    return seen;
  }

  String expected() {
    return expected;
  }
}

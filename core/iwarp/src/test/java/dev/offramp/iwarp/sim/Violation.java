package dev.offramp.iwarp.sim;

import java.io.Serial;

/** An invariant did not hold. */
final class Violation extends AssertionError {
  @Serial private static final long serialVersionUID = 1L;

  private final Invariant invariant;

  Violation(Invariant invariant, String seen) {
    super(invariant + " -- seen: " + seen);
    this.invariant = invariant;
  }

  Invariant invariant() {
    return invariant;
  }
}

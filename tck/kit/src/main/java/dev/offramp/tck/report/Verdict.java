package dev.offramp.tck.report;

/** What became of a rule, from best to worst. */
public enum Verdict {
  /** Everything that was tried was as it should be. */
  PASS,
  /** The driver does not declare what the rule needs, and refuses it as it should. */
  REFUSED_AS_DECLARED,
  /** Not tried: it is on the list of excludes, with a reason, or on that of untestable rules. */
  EXCLUDED,
  /** Could not be decided. A driver is compliant only when no rule is. */
  INCONCLUSIVE,
  /** The driver breaks it. */
  FAIL;

  /** The worse of both. */
  public Verdict and(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }

  /** Whether it stands in the way of compliance. */
  public boolean isBad() {
    return this == FAIL || this == INCONCLUSIVE;
  }
}

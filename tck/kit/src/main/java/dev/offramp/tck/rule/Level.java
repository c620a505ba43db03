package dev.offramp.tck.rule;

/** How binding a rule is, in the words of RFC 2119. */
public enum Level {
  /** A driver that breaks it is not compliant. */
  MUST,
  /** A driver that breaks it is compliant, and not in strict mode. */
  SHOULD,
  /** What a standard says or relies on without a level: reported, never counted. */
  ADVICE
}

package dev.offramp.conformance;

/**
 * One rule of a standard.
 *
 * @param number its number, which tests name in {@link Rows}
 * @param rfc the standard: {@code RFC 5044}
 * @param section where in it
 * @param level MUST, SHOULD or ADVICE
 * @param rule one sentence
 * @param untestable why no test can prove it; empty when one has to
 */
record Row(int number, String rfc, String section, String level, String rule, String untestable) {
  boolean isTestable() {
    return untestable.isEmpty();
  }
}

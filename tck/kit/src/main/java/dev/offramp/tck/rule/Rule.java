package dev.offramp.tck.rule;

import java.util.regex.Pattern;

/**
 * One thing that a driver must do or must not do. A constant: ids never change their meaning and
 * are never used again.
 *
 * @param id {@code L01} to {@code L75} for classes of leaks, {@code R001} to {@code R128} for rows
 *     of the conformance table, {@code S..} for the contract with the runtime, {@code P..} for
 *     ports
 * @param family what it is about
 * @param level how binding it is
 * @param source where it comes from: an RFC's section, or the type whose contract says so
 * @param sentence the rule in one sentence
 * @param hint what to look at when it fails
 * @param needs what has to be declared for it to be tried
 * @param untestable why the kit cannot test it; empty when it does
 */
public record Rule(
    String id,
    Family family,
    Level level,
    String source,
    String sentence,
    String hint,
    Needs needs,
    String untestable) {
  private static final Pattern ID = Pattern.compile("[LSP]\\d\\d|R\\d\\d\\d");

  public Rule {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("rule id [" + id + "]: expected L01, R001, S01 or P01");
    }
    if (source.isBlank() || sentence.isBlank() || (untestable.isEmpty() && hint.isBlank())) {
      throw new IllegalArgumentException(
          "rule [" + id + "]: a source, sentence or hint is missing");
    }
  }

  /** Whether the kit tests it. */
  public boolean isTestable() {
    return untestable.isEmpty();
  }

  @Override
  public String toString() {
    return id;
  }
}

package dev.offramp.cli.matrix;

import java.util.Locale;

/**
 * What came of one case.
 *
 * @param pair from where to where
 * @param traffic what was under way
 * @param moment where the process stood when it was killed
 * @param end how the peer has heard of it: a {@link KilledRule}
 * @param phase the last word of the journal
 */
record KilledOutcome(String pair, String traffic, String moment, String end, String phase) {
  /** The journal says nothing of it. */
  static final String NO_RECORD = "none";

  /** {@code STEP#1} is "step", {@code STEP#2} is "step 2". */
  static String words(String moment) {
    return moment.toLowerCase(Locale.ROOT).replace("#1", "").replace('#', ' ');
  }
}

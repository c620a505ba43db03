package dev.offramp.tck.zoo;

import java.util.List;

/** Rules that an experiment decides and that no specimen breaks yet. */
final class KnownGaps {
  static final List<String> RULES =
      List.of("R003", "R017", "R018", "R024", "R026", "R044", "R092", "R118", "R124", "S20");

  private KnownGaps() {}
}

package dev.offramp.cli.matrix;

import java.util.Locale;

/** What a connection does when it is moved, the richest first. */
enum MatrixTraffic {
  /** Writes, Reads and Sends of both ends are under way. */
  ALL("all", "Writes, Reads and Sends of both ends under way", 16),
  /**
   * Half of the traffic is over and nothing is posted; the moving end has IRD 0, for a device that
   * serves the peer's Reads by itself may have no public place for their number.
   */
  AT_REST("at rest", "Writes and Sends of both ends and own Reads, before and after; IRD 0", 0),
  /** MPA start-up is over, and neither end has sent an FPDU. */
  BEFORE_FIRST_FPDU(
      "before first FPDU", "Writes, Reads and Sends of both ends, after the move", 16);

  /** How many Reads the moving end may have outstanding. */
  static final int ORD = 16;

  private final String label;
  private final String description;
  private final int ird;

  MatrixTraffic(String label, String description, int ird) {
    this.label = label;
    this.description = description;
    this.ird = ird;
  }

  String label() {
    return label;
  }

  String description() {
    return description;
  }

  /** How many of the peer's Reads the moving end lets be outstanding. */
  int ird() {
    return ird;
  }

  /** For JSON. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}

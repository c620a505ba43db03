package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.Operation;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** What a connection does when it is moved, the richest first. */
enum MatrixTraffic {
  /** Writes, Reads and Sends of both ends are under way. */
  ALL(
      "all",
      "Writes, Reads and Sends of both ends under way",
      16,
      EnumSet.of(Operation.WRITE, Operation.READ, Operation.SEND)),
  /**
   * Writes of both ends are under way, and no message with a number has gone either way; the moving
   * end has IRD 0. An adapter has no public place for these numbers, and they are all 1 then.
   */
  WRITES(
      "Writes",
      "Writes of both ends under way; Sends of both ends and own Reads after the move; IRD 0",
      0,
      EnumSet.of(Operation.WRITE)),
  /** MPA start-up is over, and neither end has sent an FPDU. */
  BEFORE_FIRST_FPDU(
      "before first FPDU",
      "Writes, Reads and Sends of both ends, after the move",
      16,
      EnumSet.noneOf(Operation.class));

  /** How many Reads the moving end may have outstanding. */
  static final int ORD = 16;

  private final String label;
  private final String description;
  private final int ird;

  // Unmodifiable, which its type does not say.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Set<Operation> before;

  MatrixTraffic(String label, String description, int ird, EnumSet<Operation> before) {
    this.label = label;
    this.description = description;
    this.ird = ird;
    this.before = Collections.unmodifiableSet(before);
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

  /** What is posted before the move; all the rest comes after it. */
  Set<Operation> before() {
    return before;
  }

  /** For JSON. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package dev.offramp.tck.rule;

import java.util.List;

/** Leaks H: the state-transfer interface itself. */
public final class TransferRules {
  private static final RuleSet SET = new RuleSet(Family.TRANSFER);

  public static final Rule L73 =
      SET.must(
          "L73",
          "design, section 4; DriverContext",
          "State leaves the host's stack through one service of the operating system: a driver"
              + " takes none of it by itself.",
          "Uses of sockets, channels, the linker or reflection on file descriptors in the jar.");

  public static final Rule L74 =
      SET.must(
          "L74",
          "StateTransfer.arrive; Arrival.abandon",
          "An arrival that fails or is abandoned leaves the connection as it was: the same"
              + " descriptor can go on elsewhere, and arrive again.",
          "What abandon does to the stream; state kept by address after an arrival that failed.");

  public static final Rule L75 =
      SET.must(
          "L75",
          "RnicCapabilities.defaults",
          "A field that is absent is refused, or replaced by the default that is declared; nothing"
              + " is invented.",
          "orElse in the code that reads a consumed field: its default belongs into"
              + " capabilities().defaults().");

  static final List<Rule> ALL = SET.all();

  private TransferRules() {}
}

package dev.offramp.tck.rule;

import java.util.List;

/** Leaks F: errors and rejection. */
public final class ErrorRules {
  private static final RuleSet SET = new RuleSet(Family.ERRORS);

  public static final Rule L58 =
      SET.must(
          "L58",
          "RFC 5044, 7.1.1",
          "There are no reject reason codes: a rejection is one bit and private data.",
          "Names and texts of reject reasons in the jar, and in refusals and exceptions.");

  public static final Rule L59 =
      SET.untestable(
          Level.MUST,
          "L59",
          "RFC 5044, 7.1.2 (2), (3)",
          "After a rejection TCP stays open.",
          "a rejected connection never reaches a driver; the runtime's tests prove it");

  public static final Rule L60 =
      SET.must(
          "L60",
          "RFC 5044, 8; StreamEnd",
          "A reset, a FIN and a Terminate stay distinct outcomes.",
          "end(): Reset, ClosedByPeer, TruncatedByPeer, TerminatedByPeer; not one for all.");

  public static final Rule L61 =
      SET.must(
          "L61",
          "RFC 5040, 4.8; RFC 6580, 3",
          "Each Terminate reaches the ULP with its layer, type and code as they came.",
          "TerminatedByPeer.terminate(): no table of completion statuses in between.");

  public static final Rule L62 =
      SET.must(
          "L62",
          "RFC 5040, 7; StreamEnd",
          "Outcomes that iWARP does not have are not reported: no retries exceeded, no receiver not"
              + " ready, no path events.",
          "Texts of StreamEnd.Failed, exceptions and logs after each fault.");

  public static final Rule L63 =
      SET.must(
          "L63",
          "RFC 5040, 7.1; RFC 5041, 7.2",
          "An error of the peer is answered with a Terminate, neither dropped in silence nor"
              + " rejected afterwards.",
          "Each bad segment: a Terminate with the registered triple, then FIN.");

  public static final Rule L64 =
      SET.must(
          "L64",
          "RFC 5044, 8",
          "A bad CRC or marker does not close TCP by itself: the Terminate comes before FIN or"
              + " RST.",
          "reset() or close() in the path of a CRC error.");

  public static final Rule L65 =
      SET.must(
          "L65",
          "RFC 5044, 8 (1); StreamEnd",
          "TCP's time-out and TCP's reset are told apart, and neither becomes 'unreachable'.",
          "StreamPort.causeOf; end(): TimedOut, Reset.");

  static final List<Rule> ALL = SET.all();

  private ErrorRules() {}
}

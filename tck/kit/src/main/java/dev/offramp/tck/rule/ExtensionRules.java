package dev.offramp.tck.rule;

import java.util.List;

/**
 * Rows of the conformance table for RFC 7306, RFC 6580 and RFC 7146. Their ids are R and the row's
 * number.
 */
public final class ExtensionRules {
  private static final RuleSet SET = new RuleSet(Family.EXTENSIONS);

  public static final Rule R119 =
      SET.must(
          "R119",
          "RFC 7306, 4.1",
          "Opcodes 8 and 9 are immediate data, A and B atomic request and response; version 1,"
              + " Invalidate STag zero.",
          "Opcodes 8 to B on the wire.");

  public static final Rule R120 =
      SET.must(
          "R120",
          "RFC 7306, 5",
          "Whoever offers atomic operations offers FetchAdd and CmpSwap.",
          "operations().");

  public static final Rule R121 =
      SET.must(
          "R121",
          Needs.ATOMICS,
          "RFC 7306, 5.1",
          "An atomic's address is a multiple of 8; else nothing changes and a Terminate 0/2/07"
              + " answers.",
          "Seven misaligned offsets: Terminate 0/2/07, memory unchanged.");

  public static final Rule R122 =
      SET.must(
          "R122",
          Needs.ATOMICS,
          "RFC 7306, 5.1",
          "The masks are honoured, and the value before the operation is returned.",
          "Masks, carries between fields, the value that comes back.");

  public static final Rule R123 =
      SET.must(
          "R123",
          Needs.ATOMICS,
          "RFC 7306, 5.2",
          "Requests are on queue 1 and count with Reads against IRD and ORD; responses are on queue"
              + " 3, in order, and not delivered to the ULP.",
          "Atomics and Reads mixed, more than the ORD.");

  public static final Rule R124 =
      SET.must(
          "R124",
          Needs.ATOMICS,
          "RFC 7306, 5.3",
          "An atomic is atomic against those of the RNIC's other streams.",
          "Two connections that add to one word.");

  public static final Rule R125 =
      SET.must(
          "R125",
          Needs.IMMEDIATE,
          "RFC 7306, 6.3",
          "Immediate data is a message of its own with exactly 8 octets on queue 0, in order, and"
              + " uses a buffer up.",
          "Immediate data of 0, 7, 8 and 9 octets.");

  public static final Rule R126 =
      SET.must(
          "R126",
          "RFC 7306, 8",
          "Errors are those of RFC 5040, with the new messages included; what is not offered is"
              + " refused.",
          "Atomics and immediate data that are not offered.");

  public static final Rule R127 =
      SET.must(
          "R127",
          "RFC 6580, 3.1-3.3",
          "Only registered Terminate triples are ever sent.",
          "Every Terminate that was sent during the run.");

  public static final Rule R128 =
      SET.untestable(
          Level.ADVICE,
          "R128",
          "RFC 7146, 3, 4",
          "IPsec is the business of the host below; that it is not done here is documented.",
          "what a page says needs a person");

  static final List<Rule> ALL = SET.all();

  private ExtensionRules() {}
}

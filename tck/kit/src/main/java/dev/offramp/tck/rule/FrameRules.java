package dev.offramp.tck.rule;

import java.util.List;

/** Leaks D: private data and frames. */
public final class FrameRules {
  private static final RuleSet SET = new RuleSet(Family.FRAMES);

  public static final Rule L33 =
      SET.must(
          "L33",
          "RFC 5044, 7.1.1; RFC 6581, 9",
          "Private data has 0 to 512 octets; no limit of 56, 92, 148, 196 or 220 to 224 octets is"
              + " taken over from elsewhere.",
          "Arrays of fixed size, maxPrivateDataBytes, refusals with RefusalReason.PRIVATE_DATA.");

  public static final Rule L34 =
      SET.must(
          "L34",
          "RFC 5044, 7.1.1",
          "The length of private data has 16 bits: 127, 128, 255 and 256 octets are nothing"
              + " special.",
          "Lengths kept in a byte, signed or not; lengths to which 4 is added before they are"
              + " narrowed.");

  public static final Rule L35 =
      SET.must(
          "L35",
          "RFC 5044, 7.1.1",
          "Private data arrives with its exact length: nothing is padded to a fixed size, and none"
              + " is different from absent.",
          "mpa().privateData() against remotePrivateData: length 0, and octets of zero at the"
              + " end.");

  public static final Rule L36 =
      SET.must(
          "L36",
          "RFC 5044, 7.1.1",
          "No header with addresses stands before the private data.",
          "36 octets with an address version and two addresses, in private data, memory or the"
              + " stream.");

  public static final Rule L37 =
      SET.must(
          "L37",
          "RFC 5044, 7.1.1",
          "No management datagram (MAD) or image of a connection manager's message is made"
              + " anywhere.",
          "Blocks that begin with 01 07 02 03; attributes 0x0010 to 0x001A in such a block.");

  public static final Rule L38 =
      SET.must(
          "L38",
          "RFC 6581, 9",
          "A Reply that is still unsent leaves as it is, with its enhanced block where it stands"
              + " and in network order.",
          "Code that looks into descriptor.unsent, or writes a Reply of its own.");

  public static final Rule L39 =
      SET.must(
          "L39",
          "RFC 6581, 4.1",
          "IRD and ORD have their standard block: no header of the driver's own hides them in"
              + " private data.",
          "mpa().privateData() is the ULP's alone; depths are never parsed out of it.");

  public static final Rule L40 =
      SET.must(
          "L40",
          "RFC 5044, 4.4; RFC 3385",
          "FPDUs are covered by CRC32c, its least significant octet first: neither by CRC-32 nor by"
              + " an invariant CRC.",
          "Polynomial 0x1EDC6F41, the order of the four octets, and what it covers.");

  public static final Rule L41 =
      SET.must(
          "L41",
          Needs.IMMEDIATE,
          "RFC 7306, 6",
          "Immediate data is eight octets in a message of its own, not four that ride on a Write.",
          "SendImmediate on the wire: opcode 8 or 9, queue 0, exactly 8 octets.");

  public static final Rule L42 =
      SET.must(
          "L42",
          Needs.ATOMICS,
          "RFC 7306, 5",
          "Atomic operations are RFC 7306's: request on queue 1, response on queue 3 with the"
              + " request's identifier, masks honoured.",
          "The order of operands, masks, and which queue a response is on.");

  public static final Rule L43 =
      SET.must(
          "L43",
          Needs.READ,
          "RFC 5041, 5.2",
          "A message may have up to 2^32 - 1 octets; 2^31 is no limit.",
          "Lengths kept in a signed int; sizes 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF.");

  public static final Rule L44 =
      SET.must(
          "L44",
          "RFC 5040, 5.2; RFC 5041, 8.2",
          "There is one STag for a region, for local and remote use: no pair of local and remote"
              + " keys, and its index and key both count.",
          "The sink of a Read is named by the region's stag(); STags that differ in the low 8 bits"
              + " or in the high 24 are different.");

  static final List<Rule> ALL = SET.all();

  private FrameRules() {}
}

package dev.offramp.tck.rule;

import java.util.List;

/** Leaks C: negotiated parameters. */
public final class NegotiationRules {
  private static final RuleSet SET = new RuleSet(Family.NEGOTIATION);

  public static final Rule L19 =
      SET.must(
          "L19",
          "RFC 6581, 9, 9.1",
          "IRD and ORD are depths of 14 bits, each for its own direction: neither narrowed to 8"
              + " bits nor exchanged.",
          "ird and ord through mpa(), in the device and on the wire; 256 is not 0. They are not the"
              + " responder resources and initiator depth of a connection manager.");

  public static final Rule L20 =
      SET.must(
          "L20",
          "RFC 6581, 9.1",
          "A depth of 0x3FFF means that the ULP takes care; it is no number, and not the largest"
              + " one.",
          "min(depth, maximum) without a look at 0x3FFF; mpa() says 16383, or admits refuses it or"
              + " lists it among the losses, so that nobody loses it without consent.");

  public static final Rule L21 =
      SET.must(
          "L21",
          "RFC 6581, 9.1",
          "The ULP sees the peer's IRD and ORD as they stood in its frame.",
          "mpa().peerIrd() and peerOrd(): raw, 14 bits, -1 where the peer sent none.");

  public static final Rule L22 =
      SET.must(
          "L22",
          "RFC 5041, 7.1, 7.2",
          "Reliability is TCP's: there are no retry counts, and a Send without a buffer ends in a"
              + " DDP error or waits in TCP.",
          "Settings and fields for retries; what happens to a Send when no Receive is posted"
              + " (Terminate 1/2/02).");

  public static final Rule L23 =
      SET.must(
          "L23",
          "RFC 5040, 5; RFC 5041, 5",
          "Flow control is TCP's window: no credits are counted or sent.",
          "Names of end-to-end credits and flow control flags; unsolicited messages on the wire.");

  public static final Rule L24 =
      SET.must(
          "L24",
          "RFC 5040, 5.3",
          "Whether receive buffers are shared is local: it shows neither in names nor on the wire.",
          "A shared-receive-queue flag in settings that changes what is sent.");

  public static final Rule L25 =
      SET.must(
          "L25",
          "RFC 5044, 4.5",
          "MULPDU follows from EMSS octet by octet; segment sizes are not rounded down to 256, 512,"
              + " 1024, 2048 or 4096.",
          "sendMssBytes and pathMtuBytes as numbers, not as a code of 1 to 5; full FPDUs as long as"
              + " EMSS allows.");

  public static final Rule L26 =
      SET.must(
          "L26",
          "RFC 5044, 7.1.2 (10); RFC 6298",
          "Durations are durations: none is coded as 4.096 us * 2^n, and none drives retransmission"
              + " of messages.",
          "numberOfLeadingZeros on times, 5-bit timeout fields; 5.0 s and 7.9 s must differ.");

  public static final Rule L27 =
      SET.must(
          "L27",
          "RFC 5044, 1",
          "There is no alternate path and no migration between paths above TCP.",
          "Names and settings of alternate paths and path migration.");

  public static final Rule L28 =
      SET.must(
          "L28",
          "RFC 5044, 7.1.1",
          "No vendor attribute (ECE) travels with the connection: what MPA start-up left to be sent"
              + " goes out as it is.",
          "Octets before, in or after the MPA Reply that nobody gave you.");

  public static final Rule L29 =
      SET.must(
          "L29",
          "RFC 2474; DescriptorFields.DSCP",
          "Traffic class and address come from the connection, not from a table of global"
              + " identifiers or a default for RoCE.",
          "Settings such as a GID index or a default traffic class; constants in place of dscp.");

  public static final Rule L30 =
      SET.must(
          "L30",
          "RFC 5040, 1; the device's own layouts",
          "Where hardware serves RoCE too, the parts of its commands that only RoCE knows stay"
              + " zero.",
          "UDP port 4791, default partition and queue keys, remote queue numbers in a context that"
              + " has a TCP twin.");

  public static final Rule L31 =
      SET.must(
          "L31",
          "RFC 5044, 7.1.1; RFC 6581, 9",
          "What only iWARP negotiates (markers, CRC, revision, ready-to-receive indication) is"
              + " honoured, not baked in.",
          "Constants in place of mpaCrc, mpaSendMarkers, mpaReceiveMarkers, mpaRevision, rtr.");

  public static final Rule L32 =
      SET.must(
          "L32",
          "RFC 7323; RFC 2018; RFC 5044, 7.1.5",
          "TCP options that were agreed on at SYN are carried on, or the connection is refused"
              + " before anything is stopped.",
          "timestamps, sackPermitted, windowScaling and both scales: consumed, or refused in admits"
              + " (RefusalReason.TIMESTAMPS, SACK, WINDOW), or listed there as lost.");

  static final List<Rule> ALL = SET.all();

  private NegotiationRules() {}
}

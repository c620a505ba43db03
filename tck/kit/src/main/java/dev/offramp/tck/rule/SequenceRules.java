package dev.offramp.tck.rule;

import java.util.List;

/** Leaks B: sequence numbers and stream position. */
public final class SequenceRules {
  private static final RuleSet SET = new RuleSet(Family.SEQUENCE);

  public static final Rule L12 =
      SET.must(
          "L12",
          "RFC 9293, 3.4; RFC 5044, 4.3",
          "TCP sequence numbers have 32 bits everywhere: none is narrowed to a 24-bit packet"
              + " sequence number (PSN).",
          "Masks with 0xFFFFFF, stores of three octets, shifts by 8; numbers around 0x00FFFFFF and"
              + " 0xFFFFFFFF.");

  public static final Rule L13 =
      SET.must(
          "L13",
          "RFC 5044, 7.1.5",
          "The stream goes on at the sequence numbers that were handed over; none is made up.",
          "sndNxt and rcvNxt reach the device as they are, or as a difference from another of"
              + " them.");

  public static final Rule L14 =
      SET.must(
          "L14",
          "RFC 9293, 3.3.1",
          "Each direction has positions of its own: sndUna, sndNxt and rcvNxt never stand for one"
              + " another.",
          "Swapped send and receive numbers; one number used for both directions.");

  public static final Rule L15 =
      SET.must(
          "L15",
          "RFC 5041, 4.3",
          "The first message on each DDP queue has MSN 1, or the number that was handed over; MSNs"
              + " wrap from 0xFFFFFFFF to 0.",
          "Counters that begin at 0, at a random number or at a TCP sequence number.");

  public static final Rule L16 =
      SET.must(
          "L16",
          "RFC 5044, 7.1, 7.1.3",
          "MPA may begin at any octet of the stream: bytes that were exchanged before, and unsent"
              + " ones, change where the first FPDU stands and nothing else.",
          "Assumptions that the stream is new; mpaSendStart and mpaReceiveStart are not sndNxt and"
              + " rcvNxt when bytes are queued.");

  public static final Rule L17 =
      SET.must(
          "L17",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.3",
          "Markers count from the first octet of the first FPDU, in each direction for itself.",
          "Marker phase taken from the sequence number modulo 512, or one phase for both"
              + " directions.");

  public static final Rule L18 =
      SET.must(
          "L18",
          "RFC 5044, 7.1.5; RFC 6581, 4.2",
          "Unread, unacknowledged and unsent bytes are carried on or refused beforehand; none is"
              + " lost.",
          "What happens to descriptor.unread, unacknowledged and unsent; RefusalReason.UNREAD_BYTES"
              + " and UNACKNOWLEDGED_BYTES in admits.");

  static final List<Rule> ALL = SET.all();

  private SequenceRules() {}
}

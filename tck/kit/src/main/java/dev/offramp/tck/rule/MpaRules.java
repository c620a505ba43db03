package dev.offramp.tck.rule;

import java.util.List;

/**
 * Rows of the conformance table for MPA: RFC 5044 and RFC 6581. Their ids are R and the row's
 * number.
 */
public final class MpaRules {
  private static final RuleSet SET = new RuleSet(Family.MPA);

  public static final Rule R001 =
      SET.must(
          "R001",
          "RFC 5044, 3",
          "Each FPDU carries exactly one ULPDU, and each ULPDU travels in exactly one FPDU.",
          "Length fields, and how many ULPDUs a batch frames.");

  public static final Rule R002 =
      SET.must(
          "R002",
          "RFC 5044, 3",
          "The MULPDU offered to DDP lies in 128..64768 octets.",
          "EMSS below 140 and above 65000: never less than 128 octets, never more than 64768.");

  public static final Rule R003 =
      SET.must(
          "R003",
          "RFC 5044, 3",
          "DDP hands MPA no ULPDU longer than 64768 octets.",
          "A large Send or Write at an EMSS of 65535.");

  public static final Rule R004 =
      SET.must(
          "R004",
          "RFC 5044, 3",
          "Each validated ULPDU goes up together with its length.",
          "Byte counts of Receive completions for sizes 0 to 64768 and beyond.");

  public static final Rule R005 =
      SET.must(
          "R005",
          "RFC 5044, 3, 7.1.1",
          "The MPA revision in force is reported upwards.",
          "mpa().revision().");

  public static final Rule R006 =
      SET.must(
          "R006",
          "RFC 5044, 4.1",
          "An FPDU is a 16-bit ULPDU length, the ULPDU, a pad to a multiple of 4 octets, and the"
              + " CRC field.",
          "The dump that the finding shows, field by field.");

  public static final Rule R007 =
      SET.must(
          "R007",
          "RFC 5044, 4.1",
          "Pad octets are sent as zero; a receiver ignores their value, except in the CRC.",
          "Octets between ULPDU and CRC; a pad of the peer that is not zero.");

  public static final Rule R008 =
      SET.must(
          "R008",
          Needs.CRC_OFF,
          "RFC 5044, 4.1, 4.4",
          "The CRC field is there with CRC off, too, and its value is then never checked.",
          "mpaCrc false: the field is there, and any value of the peer is taken.");

  public static final Rule R009 =
      SET.must(
          "R009",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.2",
          "A marker is 16 reserved bits, sent as zero and ignored when received, and a 16-bit"
              + " FPDUPTR.",
          "The upper half of a marker.");

  public static final Rule R010 =
      SET.must(
          "R010",
          Needs.RECEIVE_MARKERS,
          "RFC 5044, 4.2, 4.3",
          "The two low bits of FPDUPTR are sent as zero, and read as zero whatever they are.",
          "FPDUPTR of the peer with its two low bits set.");

  public static final Rule R011 =
      SET.must(
          "R011",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.3",
          "Every sender inserts markers when its receiver asks for them.",
          "mpaSendMarkers.");

  public static final Rule R012 =
      SET.must(
          "R012",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.3, 7.1.2 (7)",
          "The first marker stands right before the first FPDU with FPDUPTR 0; the others follow"
              + " every 512 octets of sequence space from there, in each direction for itself, and"
              + " across the wrap of the sequence numbers.",
          "The marker before the first FPDU; the stream's octet 512, 1024, ...");

  public static final Rule R013 =
      SET.must(
          "R013",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.3",
          "FPDUPTR counts the octets from the FPDU's length field to the marker; it is 0 between"
              + " two FPDUs, and the marker then belongs to the following one and its CRC.",
          "Markers inside, between and right after FPDUs.");

  public static final Rule R014 =
      SET.must(
          "R014",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.3",
          "All markers within one FPDU point to its header; of several FPDUs between two markers, a"
              + " marker points to the one that it stands in.",
          "Long FPDUs with several markers, short ones with none.");

  public static final Rule R015 =
      SET.must(
          "R015",
          Needs.RECEIVE_MARKERS,
          "RFC 5044, 4.3",
          "A receiver removes markers, headers and CRC, and keeps the boundaries of the ULPDUs.",
          "Markers of the peer at each place of an FPDU.");

  public static final Rule R016 =
      SET.must(
          "R016",
          "RFC 5044, 4.4",
          "CRC32c is implemented and on by default; it is off only when both ends were told so.",
          "mpaCrc; CRC is on where nobody said otherwise.");

  public static final Rule R017 =
      SET.must(
          "R017",
          "RFC 5044, 4.4",
          "The ULP sees nothing of how CRC is handled.",
          "Byte counts and contents with CRC on and off.");

  public static final Rule R018 =
      SET.must(
          "R018",
          "RFC 5044, 4.4, 7.1.1 C",
          "When either end sets C, both generate and check CRCs to the end; when neither does,"
              + " nothing is checked.",
          "mpaCrc in both directions.");

  public static final Rule R019 =
      SET.must(
          "R019",
          Needs.SEND_MARKERS,
          "RFC 5044, 4.4",
          "The CRC covers length field, ULPDU, pad, the markers in between, and a marker right"
              + " before the length field; a marker right after the pad belongs to it, too.",
          "A marker right before the length field, and right after the pad.");

  public static final Rule R020 =
      SET.must(
          "R020",
          "RFC 5044, 4.4, 8",
          "An FPDU with a wrong CRC is invalid, and that is MPA error 2.",
          "One wrong octet of the peer at each place of an FPDU: Terminate 2/0/02.");

  public static final Rule R021 =
      SET.must(
          "R021",
          "RFC 5044, 4.5",
          "MULPDU is EMSS - (6 + EMSS mod 4), and with markers also less 4 for each 512 octets of"
              + " EMSS or part of them.",
          "segmentBytes() or sendMssBytes; FPDUs of a long message.");

  public static final Rule R022 =
      SET.must(
          "R022",
          "RFC 5044, 4.5",
          "MULPDU never falls below 128, however small EMSS or the room left is.",
          "An EMSS of 88 to 140.");

  public static final Rule R023 =
      SET.must(
          "R023",
          "RFC 5044, 4.5, 5.2, A",
          "A receiver takes any segmentation by TCP and relies on no alignment.",
          "Segments of one octet, and cuts inside the length field, the header and the CRC.");

  public static final Rule R024 =
      SET.must(
          "R024",
          "RFC 5044, 6",
          "A ULPDU goes up only when the start of its FPDU is known, all of it is there, and its"
              + " CRC is right.",
          "An FPDU that stops before its CRC: nothing may be delivered.");

  public static final Rule R025 =
      SET.must(
          "R025",
          "RFC 5044, 7.1",
          "Full Operation starts at the same octet for both ends, and in both directions.",
          "Unsent bytes before the first FPDU.");

  public static final Rule R026 =
      SET.must(
          "R026",
          "RFC 5044, 7.1",
          "A DDP endpoint is bound before Full Operation begins.",
          "Receives posted on prepared().");

  public static final Rule R027 =
      SET.untestable(
          Level.MUST,
          "R027",
          "RFC 5044, 7.1.1",
          "The keys of Request and Reply are exactly the 16 octets that the standard gives.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R028 =
      SET.untestable(
          Level.MUST,
          "R028",
          "RFC 5044, 7.1.1, 7.1.2 (5)",
          "A wrong key closes TCP and is reported locally.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R029 =
      SET.must(
          "R029",
          "RFC 5044, 7.1.1 M",
          "M in a frame received obliges only the direction towards its sender.",
          "mpaSendMarkers and mpaReceiveMarkers, all four combinations.");

  public static final Rule R030 =
      SET.untestable(
          Level.MUST,
          "R030",
          "RFC 5044, 7.1.1 R",
          "R is zero in a Request and not looked at there; in a Reply it means rejected.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R031 =
      SET.untestable(
          Level.MUST,
          "R031",
          "RFC 5044, 7.1.1 Res",
          "Reserved bits are sent as zero and not looked at.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R032 =
      SET.untestable(
          Level.MUST,
          "R032",
          "RFC 5044, 7.1.1 Rev",
          "Revision 1 is sent, or 2 with RFC 6581; a revision that cannot be worked with closes TCP"
              + " and is reported.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R033 =
      SET.untestable(
          Level.MUST,
          "R033",
          "RFC 5044, 7.1.1 PD_Length",
          "PD_Length is exact and 0..512; a longer one closes TCP and is reported.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R034 =
      SET.untestable(
          Level.MUST,
          "R034",
          "RFC 5044, 7.1.2 (1)",
          "An Initiator sends a valid Request.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R035 =
      SET.untestable(
          Level.MUST,
          "R035",
          "RFC 5044, 7.1.2 (2)",
          "A Responder waits for a valid Request; a malformed one closes TCP and ends MPA.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R036 =
      SET.untestable(
          Level.MUST,
          "R036",
          "RFC 5044, 7.1.2 (2)",
          "A Request that is well formed and not wanted is answered with R set, and TCP stays"
              + " open.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R037 =
      SET.untestable(
          Level.MUST,
          "R037",
          "RFC 5044, 7.1.2 (3)",
          "An Initiator checks the Reply; a malformed one closes TCP.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R038 =
      SET.untestable(
          Level.MUST,
          "R038",
          "RFC 5044, 7.1.2 (3)",
          "After a Reply that rejects, or whose private data the ULP does not want, MPA ends and"
              + " TCP stays open.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R039 =
      SET.must(
          "R039",
          "RFC 5044, 7.1.2 (4)",
          "A Responder sends no FPDU and no marker before it has received a valid FPDU.",
          "Posts on a Responder whose peer is silent.");

  public static final Rule R040 =
      SET.untestable(
          Level.MUST,
          "R040",
          "RFC 5044, 7.1.2 (8)",
          "Two Initiators notice by the key; two Responders by a time-out.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R041 =
      SET.untestable(
          Level.MUST,
          "R041",
          "RFC 5044, 7.1.2 (9)",
          "PD_Length is checked before anything is copied by it.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R042 =
      SET.untestable(
          Level.SHOULD,
          "R042",
          "RFC 5044, 7.1.2 (10)",
          "The whole start-up has a time-out.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R043 =
      SET.untestable(
          Level.MUST,
          "R043",
          "RFC 5044, 7.1.5",
          "The rules of TCP hold across a switch of stacks: what was lost, reordered or cut anew on"
              + " the way is recovered.",
          "the kit's TCP is a byte stream below the port: loss and reordering are the business of"
              + " the runtime's streams, or of silicon");

  public static final Rule R044 =
      SET.should(
          "R044",
          "RFC 5044, 7.1.5 (1)",
          "The switch is made when no more incoming streaming data is expected; what is there is"
              + " kept.",
          "descriptor.unread.");

  public static final Rule R045 =
      SET.untestable(
          Level.ADVICE,
          "R045",
          "RFC 5044, 7.1.5 (2)",
          "A Responder can hand over a last streaming message together with its Reply.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R046 =
      SET.should(
          "R046",
          "RFC 5044, 7.2",
          "Each direction ends when DDP closes it; a FIN is made known upwards.",
          "A FIN of the peer between FPDUs.");

  public static final Rule R047 =
      SET.must(
          "R047",
          "RFC 5044, 8",
          "Four errors are told apart: 1 TCP lost or closed, 2 CRC, 3 marker and length do not"
              + " match, 4 bad start-up frame.",
          "end() after a reset, a bad CRC, a bad marker.");

  public static final Rule R048 =
      SET.must(
          "R048",
          "RFC 5044, 8",
          "After an error nothing more is delivered in that direction.",
          "FPDUs that follow a bad one in the same segment.");

  public static final Rule R049 =
      SET.must(
          "R049",
          "RFC 5044, 8",
          "After errors 2 and 3 MPA itself does not close TCP.",
          "The order of Terminate, FIN and RST.");

  public static final Rule R050 =
      SET.untestable(
          Level.MUST,
          "R050",
          "RFC 5044, 8",
          "After error 4 TCP is closed at once.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R051 =
      SET.must(
          "R051",
          "RFC 6581, 5",
          "An Initiator in peer-to-peer mode sends nothing before its ready-to-receive indication.",
          "rtr; work posted before activate.");

  public static final Rule R052 =
      SET.untestable(
          Level.MUST,
          "R052",
          "RFC 6581, 6",
          "S counts from revision 2 on, and then the private data begins with the enhanced block.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R053 =
      SET.untestable(
          Level.MUST,
          "R053",
          "RFC 6581, 6, 10",
          "A Responder of revision 2 still answers Requests of revision 1, in kind.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R054 =
      SET.untestable(
          Level.MUST,
          "R054",
          "RFC 6581, 9",
          "The enhanced block is 4 octets in network order, with IRD and ORD of 14 bits; 508 octets"
              + " are left to the ULP.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R055 =
      SET.untestable(
          Level.MUST,
          "R055",
          "RFC 6581, 9.1",
          "A Responder's ORD is at most the Initiator's IRD.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R056 =
      SET.untestable(
          Level.MUST,
          "R056",
          "RFC 6581, 9.1",
          "A Responder that accepts has an IRD of at least the Initiator's ORD.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R057 =
      SET.must(
          "R057",
          "RFC 6581, 9.1",
          "Both ends hand the peer's IRD and ORD to the ULP as they came, after a rejection too.",
          "mpa().peerIrd() and peerOrd().");

  public static final Rule R058 =
      SET.must(
          "R058",
          Needs.READ,
          "RFC 6581, 9.1",
          "An Initiator has an IRD of at least the Responder's ORD, and an ORD of at most the"
              + " Responder's IRD.",
          "Reads outstanding when the peer does not answer.");

  public static final Rule R059 =
      SET.untestable(
          Level.MUST,
          "R059",
          "RFC 6581, 9.1",
          "Too little IRD ends the stream with a Terminate 2/0/06.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R060 =
      SET.untestable(
          Level.MUST,
          "R060",
          "RFC 6581, 9.1",
          "An ORD of 0x3FFF in the Request leaves the Responder's IRD as it is, and the Reply's IRD"
              + " is 0x3FFF.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R061 =
      SET.untestable(
          Level.MUST,
          "R061",
          "RFC 6581, 9.1",
          "An IRD of 0x3FFF in the Request leaves the Responder's ORD as it is, and the Reply's ORD"
              + " is 0x3FFF.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R062 =
      SET.untestable(
          Level.MUST,
          "R062",
          "RFC 6581, 9.1",
          "0x3FFF in the Reply leaves the Initiator's depth of the other kind as it is.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R063 =
      SET.untestable(
          Level.MUST,
          "R063",
          "RFC 6581, 9.2",
          "Peer-to-peer mode sets A, and each of B, C and D that the sender can do.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R064 =
      SET.untestable(
          Level.MUST,
          "R064",
          "RFC 6581, 9.2",
          "A Responder returns A as it came.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R065 =
      SET.untestable(
          Level.MUST,
          "R065",
          "RFC 6581, 9.2",
          "A Responder can do at least one ready-to-receive indication, and names one when none"
              + " matched.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R066 =
      SET.must(
          "R066",
          "RFC 6581, 9.2",
          "The indication sent is one that both ends named, and of zero length.",
          "The first FPDU of an Initiator in peer-to-peer mode.");

  public static final Rule R067 =
      SET.untestable(
          Level.MUST,
          "R067",
          "RFC 6581, 9.2",
          "An Initiator that can do none of those named ends the stream with a Terminate 2/0/07.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R068 =
      SET.untestable(
          Level.MUST,
          "R068",
          "RFC 6581, 9.2",
          "Without peer-to-peer mode A, B, C and D are sent as zero, and B, C and D are ignored.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R069 =
      SET.untestable(
          Level.MUST,
          "R069",
          "RFC 6581, 9.3",
          "Any other local failure is told by a Terminate 2/0/05 before TCP ends.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R070 =
      SET.untestable(
          Level.MUST,
          "R070",
          "RFC 6581, 10",
          "The enhanced format is sent only for what only it can say.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R071 =
      SET.untestable(
          Level.MUST,
          "R071",
          "RFC 6581, 10",
          "An enhanced Request gets an enhanced Reply; an end that cannot do that closes TCP.",
          "MPA start-up is over before a driver sees the connection; the runtime's tests prove it");

  public static final Rule R072 =
      SET.advice(
          "R072",
          "RFC 6581, 4.2",
          "Before the first FPDU of a direction all its streaming bytes have been acknowledged.",
          "needsDrainedSendQueue; RefusalReason.UNACKNOWLEDGED_BYTES.");

  static final List<Rule> ALL = SET.all();

  private MpaRules() {}
}

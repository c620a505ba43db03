package dev.offramp.tck.rule;

import java.util.List;

/** Rows of the conformance table for RDMAP: RFC 5040. Their ids are R and the row's number. */
public final class RdmapRules {
  private static final RuleSet SET = new RuleSet(Family.RDMAP);

  public static final Rule R096 =
      SET.must(
          "R096",
          "RFC 5040, 4.1",
          "The control octet is version 1, reserved bits zero and the opcode, which fixes T, queue"
              + " and STag.",
          "Control octets of all messages; RV 0, 2 and 3 of the peer: Terminate 0/2/05.");

  public static final Rule R097 =
      SET.must(
          "R097",
          "RFC 5040, 4.1",
          "The Invalidate STag field is zero except in the two Sends with Invalidate.",
          "The word after the control octet.");

  public static final Rule R098 =
      SET.must(
          "R098",
          "RFC 5040, 4.1, 7.2",
          "An unknown or unexpected opcode is answered with a Terminate 0/2/06.",
          "Opcodes that are not offered; a Read Response that nobody asked for.");

  public static final Rule R099 =
      SET.must(
          "R099",
          Needs.READ,
          "RFC 5040, 4.4",
          "A Read Request header has 28 octets; the Response carries its sink STag and offset back"
              + " as they came.",
          "The 28 octets of a Read Request; sink STag and offset of a Response.");

  public static final Rule R100 =
      SET.must(
          "R100",
          "RFC 5040, 4.8",
          "A Terminate has layer, type, code, the flags M, D and R, 13 zero bits, and the headers"
              + " that the flags announce.",
          "The Terminate's flags, reserved bits and header copies.");

  public static final Rule R101 =
      SET.must(
          "R101",
          "RFC 5040, 5.1",
          "A Write is tagged, in order, and not delivered to the ULP.",
          "Writes of the peer: no completion, memory changed.");

  public static final Rule R102 =
      SET.must(
          "R102",
          Needs.READ,
          "RFC 5040, 5.2.1",
          "A Read Request is one untagged message on queue 1, names one remote buffer, is handled"
              + " in order, and not delivered to the ULP.",
          "Read Requests on the wire, and several of the peer.");

  public static final Rule R103 =
      SET.must(
          "R103",
          "RFC 5040, 5.2.1",
          "A Read of zero length is answered with zero length and without a check of STag and"
              + " offset.",
          "A Read of zero length with an STag that does not exist.");

  public static final Rule R104 =
      SET.must(
          "R104",
          "RFC 5040, 5.2.2",
          "A Read Response is tagged and of one buffer; Responses come in the order of the"
              + " Requests; queue 1 is as deep as the IRD.",
          "Responses to pipelined Read Requests; one more than the IRD: Terminate 1/2/02.");

  public static final Rule R105 =
      SET.must(
          "R105",
          "RFC 5040, 5.3",
          "A Send is on queue 0, of one buffer, in order; one of zero length uses a buffer up,"
              + " too.",
          "Receive completions of Sends, empty ones included.");

  public static final Rule R106 =
      SET.must(
          "R106",
          "RFC 5040, 5.3",
          "A Send longer than its buffer ends in a Terminate 1/2/05, and nothing is written past"
              + " the buffer's end.",
          "A Send one octet longer than the buffer.");

  public static final Rule R107 =
      SET.must(
          "R107",
          "RFC 5040, 5.3",
          "A Send with Invalidate revokes the STag before it is delivered, or ends in a Terminate"
              + " that says it cannot be invalidated.",
          "Send with Invalidate of a valid, a foreign and an old STag.");

  public static final Rule R108 =
      SET.must(
          "R108",
          "RFC 5040, 5.4",
          "There is at most one Terminate, on queue 2; the ULP is told of it, and nothing is sent"
              + " after it.",
          "Octets after a Terminate; end() after one of the peer.");

  public static final Rule R109 =
      SET.must(
          "R109",
          "RFC 5040, 5.5 (10, 11, 13, 15)",
          "Sends and Read Responses are delivered in order, and operations complete in the order of"
              + " their requests.",
          "The order of completions.");

  public static final Rule R110 =
      SET.must(
          "R110",
          Needs.READ,
          "RFC 5040, 5.5 (12, 17)",
          "A Read Request is handled after all that came before it, so that a Read sees earlier"
              + " Writes.",
          "A Write and a Read of the same memory in one segment.");

  public static final Rule R111 =
      SET.must(
          "R111",
          Needs.READ,
          "RFC 5040, 5.5 (14, 19)",
          "A Send or Write does not complete before it is handed to TCP, a Read not before its"
              + " Response is placed.",
          "When a Read completes whose Response is held back.");

  public static final Rule R112 =
      SET.must(
          "R112",
          "RFC 5040, 6.1",
          "After the switch only RDMA messages are on the stream.",
          "Octets that are no FPDU.");

  public static final Rule R113 =
      SET.must(
          "R113",
          Needs.READ,
          "RFC 5040, 6.1",
          "No more Reads are outstanding than the ORD in force, or the peer's IRD.",
          "Reads on the wire while the peer answers none.");

  public static final Rule R114 =
      SET.should(
          "R114",
          "RFC 5040, 6.2",
          "After an abortive end outstanding operations complete in error; after a Terminate TCP is"
              + " closed in order.",
          "Completions after a reset; FIN after a Terminate.");

  public static final Rule R115 =
      SET.must(
          "R115",
          "RFC 5040, 7",
          "A stream with an error carries nothing more, and its TCP connection is closed.",
          "FPDUs after an error; the close of TCP.");

  public static final Rule R116 =
      SET.must(
          "R116",
          "RFC 5040, 7.1",
          "An error reaches the local ULP. A Terminate about an incoming segment has its length and"
              + " a copy of its DDP header, about a Read Request that was delivered its RDMAP"
              + " header, too; or none of them where that is declared. Of several errors the first"
              + " counts.",
          "end() after an error; M, D and R of the Terminate, and whose header is in it;"
              + " copiesBadSegments.");

  public static final Rule R117 =
      SET.must(
          "R117",
          "RFC 5040, 7.2",
          "Opcode, version, STag, its stream, its bounds and wrap are checked for each kind of"
              + " message.",
          "Each check for each kind of message.");

  public static final Rule R118 =
      SET.must(
          "R118",
          "RFC 5040, 8.1",
          "STags, access rights and full queues of one stream do not touch another.",
          "Two connections, one with an error.");

  static final List<Rule> ALL = SET.all();

  private RdmapRules() {}
}

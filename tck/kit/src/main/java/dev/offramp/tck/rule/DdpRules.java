package dev.offramp.tck.rule;

import java.util.List;

/** Rows of the conformance table for DDP: RFC 5041. Their ids are R and the row's number. */
public final class DdpRules {
  private static final RuleSet SET = new RuleSet(Family.DDP);

  public static final Rule R073 =
      SET.must(
          "R073",
          "RFC 5041, 4.1 T",
          "T is set for tagged buffers only, and clear for untagged ones only.",
          "A Send with T set, a Write without.");

  public static final Rule R074 =
      SET.must(
          "R074",
          "RFC 5041, 4.1 L",
          "L is set in the last segment of a message only, which is sent last and has the highest"
              + " message offset.",
          "Messages of several segments.");

  public static final Rule R075 =
      SET.must(
          "R075",
          "RFC 5041, 4.1",
          "Reserved bits are sent as zero and not looked at.",
          "Reserved bits of the peer.");

  public static final Rule R076 =
      SET.must(
          "R076",
          "RFC 5041, 4.1 DV",
          "The DDP version is 1 throughout a stream; another one is an error.",
          "DV 0, 2 and 3: Terminate 1/1/04 or 1/2/06.");

  public static final Rule R077 =
      SET.must(
          "R077",
          "RFC 5041, 4.2",
          "A tagged header has 14 octets; STag and ULP octet are equal in all segments of a"
              + " message.",
          "All segments of a long Write.");

  public static final Rule R078 =
      SET.must(
          "R078",
          "RFC 5041, 4.3",
          "An untagged header has 18 octets; queue number, MSN and ULP field are equal in all"
              + " segments of a message.",
          "All segments of a long Send.");

  public static final Rule R079 =
      SET.must(
          "R079",
          "RFC 5041, 4.3",
          "MSNs start at 1 for each queue, grow by 1 for each message, and go from 0xFFFFFFFF to"
              + " 0.",
          "The first and the following messages of each queue.");

  public static final Rule R080 =
      SET.must(
          "R080",
          "RFC 5041, 4.3, 5.2",
          "A segment's message offset is the place of its first octet in the message.",
          "Message offsets of a long Send.");

  public static final Rule R081 =
      SET.must(
          "R081",
          "RFC 5041, 5.2",
          "No segment is longer than the MULPDU in force.",
          "The longest ULPDU against MULPDU.");

  public static final Rule R082 =
      SET.must(
          "R082",
          Needs.READ,
          "RFC 5041, 5.2",
          "A message is shorter than 2^32 octets, and all of it is sent.",
          "Reads and Writes of 2^32 - 1 octets, and of one more.");

  public static final Rule R083 =
      SET.must(
          "R083",
          "RFC 5041, 5.2",
          "A segment's tagged offset is that of the message and the place of its first octet in"
              + " it.",
          "Tagged offsets of a long Write.");

  public static final Rule R084 =
      SET.must(
          "R084",
          "RFC 5041, 5.2",
          "A message of zero length is one segment; STag and tagged offset of a tagged one are not"
              + " checked.",
          "Empty Sends, Writes and Reads.");

  public static final Rule R085 =
      SET.must(
          "R085",
          "RFC 5041, 5.3",
          "Messages are sent in the order of their requests, and delivered once and in that order.",
          "A mix of operations in one list, cut anew on the way.");

  public static final Rule R086 =
      SET.must(
          "R086",
          "RFC 5041, 5.4",
          "A message is delivered when its last segment came, all is placed and all before it is"
              + " delivered; its length and ULP field go up.",
          "Messages whose segments come one by one.");

  public static final Rule R087 =
      SET.must(
          "R087",
          "RFC 5041, 6.2",
          "DDP never starts to end the stream by itself.",
          "TCP's close without a request of the ULP.");

  public static final Rule R088 =
      SET.must(
          "R088",
          "RFC 5041, 6.2.1",
          "After a local orderly close new requests fail.",
          "post after disconnect; FPDUs after the peer's FIN.");

  public static final Rule R089 =
      SET.must(
          "R089",
          "RFC 5041, 6.2.2",
          "An error is reported, and one more message, the Terminate, may still go out.",
          "An error while a message is being sent.");

  public static final Rule R090 =
      SET.must(
          "R090",
          "RFC 5041, 7.1",
          "An untagged segment needs a valid queue number, an MSN in range with a buffer, and an"
              + " offset and end within that buffer.",
          "Queue number, MSN, message offset and length out of range: Terminate 1/2/01 to 1/2/05.");

  public static final Rule R091 =
      SET.must(
          "R091",
          "RFC 5041, 7.1",
          "A tagged segment needs an STag of this stream, the right to use it, a first and last"
              + " octet within it, and no wrap at 2^64.",
          "STag, access, offset, length and wrap: Terminate 1/1/00 to 1/1/03.");

  public static final Rule R092 =
      SET.must(
          "R092",
          "RFC 5041, 7.1",
          "A bad segment is not placed but reported, and those after it are dropped in silence.",
          "Memory around a bad segment, and the segments after it.");

  public static final Rule R093 =
      SET.must(
          "R093",
          "RFC 5041, 7.2",
          "Errors have the numbers of the standard.",
          "The triple of each Terminate.");

  public static final Rule R094 =
      SET.must(
          "R094",
          "RFC 5041, 8.2",
          "An STag belongs to one protection domain or stream; from another one nothing is placed.",
          "An STag of another connection.");

  public static final Rule R095 =
      SET.must(
          "R095",
          "RFC 5041, 8.2",
          "An STag is valid for exactly its range and its time, and can be revoked.",
          "The octet past the end; an STag after close.");

  static final List<Rule> ALL = SET.all();

  private DdpRules() {}
}

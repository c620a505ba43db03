package dev.offramp.tck.zoo;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.RdmapRules;
import java.util.Arrays;
import java.util.List;

/** Wrong at RDMAP (RFC 5040). */
final class RdmapSpecimens {
  private RdmapSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "rdmap-version-0",
            RdmapRules.R096,
            "sends RDMAP version 0",
            Base.STREAM,
            Defects.out(u -> Segment.opcode(u) <= 7, u -> Segment.withOctet(u, 1, u[1] & 0x3F))),
        Specimen.wrong(
            "invalidate-always",
            RdmapRules.R097,
            "fills the Invalidate STag of plain Sends",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.SEND,
                u -> Segment.with(u, Segment.ULP_WORD, 0x1200))),
        Specimen.wrong(
            "opcode-ignored",
            RdmapRules.R098,
            "drops messages with an opcode that it does not know",
            Base.STREAM,
            Defects.ins(() -> u -> Segment.opcode(u) > 11 ? List.of() : List.of(u))),
        Specimen.wrong(
            "sink-rewritten",
            RdmapRules.R099,
            "names another sink in a Read Request",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.READ_REQUEST, u -> Segment.plus(u, 18 + 8, 8))),
        Specimen.wrong(
            "terminate-flags",
            RdmapRules.R100,
            "announces headers in a Terminate that it does not send",
            Base.STREAM,
            Defects.out(u -> Segment.opcode(u) == Segment.TERMINATE, u -> Arrays.copyOf(u, 22))),
        Specimen.wrong(
            "write-delivered",
            RdmapRules.R101,
            "completes a Receive for a Write",
            Base.STREAM,
            Defects.ins(Edits::writesAsSends)),
        Specimen.wrong(
            "request-on-queue-0",
            RdmapRules.R102,
            "sends Read Requests on queue 0",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.READ_REQUEST,
                u -> Segment.with(u, Segment.QUEUE, 0))),
        Specimen.wrong(
            "empty-read-unanswered",
            RdmapRules.R103,
            "does not answer a Read of no octets",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.READ_RESPONSE && Segment.isEmpty(u)
                        ? List.of()
                        : List.of(u))),
        Specimen.wrong(
            "send-on-queue-1",
            RdmapRules.R105,
            "sends on queue 1",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.SEND, u -> Segment.with(u, Segment.QUEUE, 1))),
        Specimen.wrong(
            "long-send-cut",
            RdmapRules.R106,
            "cuts Sends that are longer than 64 octets",
            Base.STREAM,
            Defects.in(
                u -> Segment.opcode(u) == Segment.SEND && u.length > 82,
                u -> Arrays.copyOf(u, 82))),
        Specimen.wrong(
            "invalidate-ignored",
            RdmapRules.R107,
            "takes a Send with Invalidate for a plain one",
            Base.STREAM,
            Defects.in(
                u -> Segment.opcode(u) == 4,
                u -> Segment.with(Segment.withOctet(u, 1, 0x43), 2, 0))),
        Specimen.wrong(
            "terminate-on-queue-0",
            RdmapRules.R108,
            "sends its Terminate on queue 0",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.TERMINATE,
                u -> Segment.with(u, Segment.QUEUE, 0))),
        Specimen.wrong(
            "completes-backwards",
            RdmapRules.R109,
            "completes Sends by the dozen, the last one first",
            Base.STREAM,
            Change.backwards()),
        Specimen.wrong(
            "reads-of-a-copy",
            RdmapRules.R110,
            "answers Reads from a copy that no Write reaches",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.READ_RESPONSE,
                u -> Arrays.copyOf(Arrays.copyOf(u, 14), u.length))),
        Specimen.wrong(
            "read-completes-early",
            RdmapRules.R111,
            "completes a Read when its Request is sent",
            Base.STREAM,
            Defects.connection((c, context) -> new EarlyReads(c))),
        Specimen.wrong(
            "streaming-goes-on",
            RdmapRules.R112,
            "sends four octets of its own before the first FPDU",
            Base.STREAM,
            Defects.stream(d -> Edits.preamble(d, MpaRole.INITIATOR, new byte[] {0, 1, 2, 3}))),
        Specimen.wrong(
            "ord-plus-one",
            RdmapRules.R113,
            "has one Read more outstanding than the ORD allows",
            Base.STREAM,
            Defects.arriving(d -> Change.ord(d, 2))),
        Specimen.wrong(
            "tcp-left-open",
            RdmapRules.R114,
            "leaves TCP open after the end",
            Base.STREAM,
            Defects.stream(d -> Edits.neverFinishes())),
        Specimen.wrong(
            "speaks-after-terminate",
            RdmapRules.R115,
            "sends an empty Write after its Terminate",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE
                        ? List.of(u, Edits.emptyWriteUlpdu())
                        : List.of(u))),
        Specimen.wrong(
            "terminate-without-headers",
            RdmapRules.R116,
            "leaves the headers out of its Terminates",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.TERMINATE,
                u -> Segment.withOctet(Arrays.copyOf(u, 22), 20, 0))),
        Specimen.wrong(
            "headers-of-another",
            RdmapRules.R116,
            "copies other headers into its Terminates than those of the bad segment",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.TERMINATE && u.length > 30,
                u -> Segment.withOctet(u, 30, u[30] ^ 1))),
        Specimen.wrong(
            "length-left-out",
            RdmapRules.R116,
            "copies headers into its Terminates without the segment's length",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.TERMINATE && u.length > 24,
                u -> {
                  byte[] shorter = Arrays.copyOf(u, u.length - 2);
                  System.arraycopy(u, 24, shorter, 22, u.length - 24);
                  return Segment.withOctet(shorter, 20, shorter[20] & 0x7F);
                })),
        Specimen.wrong(
            "headers-all-the-same",
            RdmapRules.R116,
            "declares that it copies no bad segments, and announces copies",
            Base.STREAM,
            Defects.capabilities(Change::withoutCopies)),
        Specimen.wrong(
            "access-unchecked",
            RdmapRules.R117,
            "drops Read Requests for memory that is not readable",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE && u[18] == 1 ? List.of() : List.of(u))),
        Specimen.wrong(
            "triple-invented",
            ExtensionRules.R127,
            "sends a Terminate that nobody has registered",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.TERMINATE, u -> Segment.withOctet(u, 18, 0x30))),
        Specimen.wrong(
            "ird-in-silence",
            RdmapRules.R104,
            "drops Read Requests beyond its IRD",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE && u[18] == 0x12 && u[19] == 2
                        ? List.of()
                        : List.of(u))));
  }
}

package dev.offramp.tck.zoo;

import dev.offramp.api.rdma.Operation;
import dev.offramp.tck.rule.DdpRules;
import java.util.List;

/** Wrong at DDP (RFC 5041). */
final class DdpSpecimens {
  private DdpSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "send-tagged",
            DdpRules.R073,
            "sets T in Sends",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.SEND, u -> Segment.withOctet(u, 0, u[0] | 0x80))),
        Specimen.wrong(
            "last-everywhere",
            DdpRules.R074,
            "sets L in every segment",
            Base.STREAM,
            Defects.out(u -> true, u -> Segment.withOctet(u, 0, u[0] | 0x40))),
        Specimen.wrong(
            "ddp-reserved",
            DdpRules.R075,
            "sets a reserved DDP bit",
            Base.STREAM,
            Defects.out(u -> true, u -> Segment.withOctet(u, 0, u[0] | 4))),
        Specimen.wrong(
            "ddp-version-2",
            DdpRules.R076,
            "sends DDP version 2",
            Base.STREAM,
            Defects.out(u -> true, u -> Segment.withOctet(u, 0, (u[0] & ~3) | 2))),
        Specimen.wrong(
            "stag-changes",
            DdpRules.R077,
            "changes the STag within a message",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.WRITE && Segment.isLast(u) && !Segment.isEmpty(u),
                u -> Segment.plus(u, Segment.STAG, 1))),
        Specimen.wrong(
            "msn-changes",
            DdpRules.R078,
            "counts segments with the MSN",
            Base.STREAM,
            Defects.out(
                u -> Segment.queue(u) == 0 && Segment.word(u, Segment.OFFSET) > 0,
                u -> Segment.plus(u, Segment.MSN, 1))),
        Specimen.wrong(
            "msn-doubled",
            DdpRules.R079,
            "adds 2 to the MSN for each message",
            Base.STREAM,
            Defects.out(
                u -> Segment.queue(u) == 0,
                u -> Segment.with(u, Segment.MSN, 2 * Segment.word(u, Segment.MSN) - 1))),
        Specimen.wrong(
            "offset-from-one",
            DdpRules.R080,
            "counts message offsets from 1",
            Base.STREAM,
            Defects.out(u -> Segment.queue(u) == 0, u -> Segment.plus(u, Segment.OFFSET, 1))),
        Specimen.wrong(
            "segment-above-mulpdu",
            DdpRules.R081,
            "sends segments longer than MULPDU",
            Base.STREAM,
            Defects.stream(d -> Edits.segments(honest -> 2 * honest))),
        Specimen.wrong(
            "tagged-offset-stands",
            DdpRules.R083,
            "sends all segments of a Write with the tagged offset of the first",
            Base.STREAM,
            Defects.outs(Edits::standingOffset)),
        Specimen.wrong(
            "empty-segment",
            DdpRules.R084,
            "ends each Send with an empty segment",
            Base.STREAM,
            Defects.outs(() -> Edits::emptyBefore)),
        Specimen.wrong(
            "sends-swapped",
            DdpRules.R085,
            "sends pairs of short Sends in the other order",
            Base.STREAM,
            Defects.outs(Edits::swapped)),
        Specimen.wrong(
            "length-not-told",
            DdpRules.R086,
            "reports the length of the last segment for a message",
            Base.STREAM,
            Defects.completions(c ->
                List.of(
                    c.operation() == Operation.RECEIVE ? Change.bytes(c, c.bytes() % 1400) : c))),
        Specimen.wrong(
            "ddp-closes",
            DdpRules.R087,
            "begins an orderly end with a Terminate",
            Base.STREAM,
            Defects.stream(d -> Edits.terminateBeforeFin())),
        Specimen.wrong(
            "post-after-close",
            DdpRules.R088,
            "takes work after disconnect",
            Base.STREAM,
            Defects.connection((c, context) -> new Lenient(c))),
        Specimen.wrong(
            "no-terminate",
            DdpRules.R089,
            "sends no Terminate",
            Base.STREAM,
            Defects.outs(
                () -> u -> Segment.opcode(u) == Segment.TERMINATE ? List.of() : List.of(u))),
        Specimen.wrong(
            "placed-piecemeal",
            DdpRules.R092,
            "places what fits of a Write before it looks where that ends",
            Base.STREAM,
            Defects.ins(() ->
                u ->
                    Segment.opcode(u) == Segment.WRITE && Segment.isTagged(u) && !Segment.isEmpty(u)
                        ? Recut.to(u, Segment.TAGGED_BYTES + 4)
                        : List.of(u))),
        Specimen.wrong(
            "queue-unchecked",
            DdpRules.R090,
            "takes any queue number for queue 0",
            Base.STREAM,
            Defects.in(u -> Segment.queue(u) > 2, u -> Segment.with(u, Segment.QUEUE, 0))),
        Specimen.wrong(
            "tagged-in-silence",
            DdpRules.R091,
            "drops tagged segments that do not fit",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE && u[18] == 0x11
                        ? List.of()
                        : List.of(u))),
        Specimen.wrong(
            "error-numbers",
            DdpRules.R093,
            "numbers errors in a way of its own",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.TERMINATE,
                u -> Segment.withOctet(u, 19, (u[19] & 0xFF) + 0x20))),
        Specimen.wrong(
            "long-messages-taken",
            DdpRules.R082,
            "takes messages of 2^32 octets",
            Base.STREAM,
            Defects.connection((c, context) -> new Careless(c))),
        Specimen.wrong(
            "foreign-stag",
            DdpRules.R094,
            "drops Writes through STags of other streams",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE && u[18] == 0x11 && u[19] == 2
                        ? List.of()
                        : List.of(u))),
        Specimen.wrong(
            "bounds-in-silence",
            DdpRules.R095,
            "drops Writes out of bounds",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE && u[18] == 0x11 && u[19] == 1
                        ? List.of()
                        : List.of(u))));
  }
}

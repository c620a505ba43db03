package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.tck.rule.NegotiationRules;
import java.util.List;

/** Leaks C: negotiated parameters. */
final class NegotiationSpecimens {
  private NegotiationSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "depths-swapped",
            NegotiationRules.L19,
            "exchanges IRD and ORD",
            Base.STREAM,
            Defects.arriving(d ->
                Change.put(
                    Change.put(d, DescriptorFields.IRD, d.value(DescriptorFields.ORD)),
                    DescriptorFields.ORD,
                    d.value(DescriptorFields.IRD)))),
        Specimen.wrong(
            "depths-of-8-bits",
            NegotiationRules.L19,
            "keeps depths in 8 bits",
            Base.STREAM,
            Defects.arriving(d ->
                Change.map(
                    Change.map(d, DescriptorFields.IRD, v -> v & 0xFF),
                    DescriptorFields.ORD,
                    v -> v & 0xFF))),
        Specimen.wrong(
            "depth-clipped",
            NegotiationRules.L20,
            "takes 0x3FFF for the largest depth",
            Base.STREAM,
            Defects.arriving(d ->
                Change.map(
                    Change.map(d, DescriptorFields.IRD, v -> Math.min(v, 16382)),
                    DescriptorFields.ORD,
                    v -> Math.min(v, 16382)))),
        Specimen.wrong(
            "peer-depths-hidden",
            NegotiationRules.L21,
            "reports the peer's depths in 8 bits",
            Base.STREAM,
            Defects.mpa(m ->
                new MpaResult(
                    m.role(),
                    m.revision(),
                    m.crc(),
                    m.sendMarkers(),
                    m.receiveMarkers(),
                    m.ird(),
                    m.ord(),
                    m.peerIrd() & 0xFF,
                    m.peerOrd() & 0xFF,
                    m.rtr(),
                    m.privateData()))),
        Specimen.wrong(
            "receiver-not-ready",
            NegotiationRules.L22,
            "says nothing when no Receive is posted",
            Base.STREAM,
            Defects.outs(() ->
                u ->
                    Segment.opcode(u) == Segment.TERMINATE && u[18] == 0x12
                        ? List.of()
                        : List.of(u))),
        Specimen.wrong(
            "credits",
            NegotiationRules.L23,
            "sends an empty message after each Send",
            Base.STREAM,
            Defects.outs(Edits::credits)),
        Specimen.wrong(
            "srq-flag",
            NegotiationRules.L24,
            "sends differently with a shared receive queue",
            Base.T6,
            Settings.with(d -> Change.map(d, DescriptorFields.SND_WND, v -> v >> 1), "srq")),
        Specimen.wrong(
            "mtu-code",
            NegotiationRules.L25,
            "rounds segments down to a path MTU",
            Base.STREAM,
            Defects.stream(
                d -> Edits.segments(v -> Integer.highestOneBit(Math.max(256, Math.min(v, 4096)))))),
        Specimen.wrong(
            "mtu-code-in-context",
            NegotiationRules.L25,
            "writes EMSS as the nearest path MTU",
            Base.E810,
            Defects.arriving(d ->
                Change.map(
                    d,
                    DescriptorFields.SEND_MSS_BYTES,
                    v -> Integer.highestOneBit(Math.max(256, Math.min(v, 4096)))))),
        Specimen.wrong(
            "timeout-exponent",
            NegotiationRules.L26,
            "keeps the user time-out as an exponent",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  RnicCapabilities capabilities(RnicCapabilities honest) {
                    return Change.alsoConsumes(honest, DescriptorFields.USER_TIMEOUT_MILLIS);
                  }

                  @Override
                  IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor d) {
                    return Change.map(
                        d,
                        DescriptorFields.USER_TIMEOUT_MILLIS,
                        v -> Long.highestOneBit(v / 4) * 4);
                  }
                }),
        Specimen.wrong(
            "alternate-path",
            NegotiationRules.L27,
            "moves to an alternate path",
            Base.T6,
            Settings.with(
                d ->
                    Change.map(
                        d,
                        DescriptorFields.NEXT_HOP_MAC,
                        v -> new dev.offramp.api.descriptor.MacAddress(v.value() ^ 0x100)),
                "alt-path")),
        Specimen.wrong(
            "vendor-attribute",
            NegotiationRules.L28,
            "sends a vendor attribute behind the Reply",
            Base.STREAM,
            Defects.stream(d ->
                Edits.preamble(
                    d, MpaRole.RESPONDER, new byte[] {0, 0, 0x15, (byte) 0xB3, 0, 0, 0, 1}))),
        Specimen.wrong(
            "gid-index",
            NegotiationRules.L29,
            "takes its source address from a table",
            Base.T6,
            Settings.with(
                d -> Change.map(d, DescriptorFields.DSCP, v -> 26), "gid-index", "gid_index")),
        Specimen.wrong(
            "roce-twin",
            NegotiationRules.L30,
            "fills the RoCE half of its context",
            Base.E810,
            Memo.of(d -> Memo.word((int) (d.value(DescriptorFields.SND_NXT) & 0xFF_FFFF)))),
        Specimen.wrong(
            "roce-port",
            NegotiationRules.L30,
            "writes the UDP port of RoCE",
            Base.T6,
            Memo.of(d -> Memo.word(0x12B7_0000))),
        Specimen.wrong(
            "crc-baked-in",
            NegotiationRules.L31,
            "computes CRCs, agreed on or not",
            Base.STREAM,
            Defects.arriving(d -> Change.put(d, DescriptorFields.MPA_CRC, true))),
        Specimen.wrong(
            "sack-ignored",
            NegotiationRules.L32,
            "takes connections with SACK for such without",
            Base.STREAM,
            Defects.arriving(d -> Change.map(d, DescriptorFields.SACK_PERMITTED, v -> false))),
        Specimen.wrong(
            "window-scale-ignored",
            NegotiationRules.L32,
            "uses a window scale of 7",
            Base.STREAM,
            Defects.arriving(d -> Change.map(d, DescriptorFields.SEND_WINDOW_SCALE, v -> 7))));
  }
}

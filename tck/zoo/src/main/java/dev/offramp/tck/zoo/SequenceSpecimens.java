package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.tck.rule.SequenceRules;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Leaks B: sequence numbers and stream position. */
final class SequenceSpecimens {
  private SequenceSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "psn-sent",
            SequenceRules.L12,
            "keeps 24 bits of its own sequence numbers",
            Base.T6,
            Defects.arriving(d -> Numbers.send(d, v -> v & 0xFF_FFFF))),
        Specimen.wrong(
            "psn-received",
            SequenceRules.L12,
            "keeps 24 bits of the peer's sequence numbers",
            Base.T6,
            Defects.arriving(d -> Numbers.receive(d, v -> v & 0xFF_FFFF))),
        Specimen.wrong(
            "psn-shifted",
            SequenceRules.L12,
            "keeps sequence numbers in the upper 24 bits of a word",
            Base.T6,
            Defects.arriving(d -> Numbers.send(d, v -> v << 8 & 0xFFFF_FFFFL))),
        Specimen.wrong(
            "starting-number",
            SequenceRules.L13,
            "begins at a number of its own",
            Base.T6,
            Defects.arriving(d -> Numbers.send(d, v -> 0x1234_5678L))),
        Specimen.wrong(
            "starting-number-random",
            SequenceRules.L13,
            "begins at a random number",
            Base.T6,
            Defects.arriving(
                d -> Numbers.send(d, v -> ThreadLocalRandom.current().nextLong(1L << 32)))),
        Specimen.wrong(
            "one-number",
            SequenceRules.L14,
            "uses one number for both directions",
            Base.E810,
            Defects.arriving(d -> Numbers.receive(d, v -> d.value(DescriptorFields.SND_NXT)))),
        Specimen.wrong(
            "directions-swapped",
            SequenceRules.L14,
            "takes the greater number for what it sends",
            Base.T6,
            Defects.arriving(d -> swapped(d))),
        Specimen.wrong(
            "msn-from-zero",
            SequenceRules.L15,
            "counts messages from 0",
            Base.STREAM,
            Defects.out(u -> Segment.queue(u) == 0, u -> Segment.plus(u, Segment.MSN, -1))),
        Specimen.wrong(
            "msn-from-psn",
            SequenceRules.L15,
            "counts messages from a number of 24 bits",
            Base.STREAM,
            Defects.out(u -> Segment.queue(u) == 0, u -> Segment.plus(u, Segment.MSN, 0x12_3456))),
        Specimen.wrong(
            "stream-is-new",
            SequenceRules.L16,
            "takes the first FPDU for a leftover when there was a streaming mode before",
            Base.STREAM,
            Defects.stream(d ->
                Edits.withoutFirst(
                    !d.get(DescriptorFields.UNREAD).orElse(Octets.empty()).isEmpty()))),
        Specimen.wrong(
            "marker-phase-of-seq",
            SequenceRules.L17,
            "counts markers from sequence number 0",
            Base.STREAM,
            Defects.stream(d ->
                Edits.framed((crc, markers) ->
                    new FpduMaker(crc, markers)
                        .markerPhase(
                            (int) (-d.get(DescriptorFields.MPA_SEND_START).orElse(1L) & 508))))),
        Specimen.wrong(
            "unacknowledged-dropped",
            SequenceRules.L18,
            "forgets bytes that were not acknowledged",
            Base.STREAM,
            Defects.preparing(d -> dropped(d))));
  }

  private static IwarpConnectionDescriptor swapped(IwarpConnectionDescriptor d) {
    long send = d.value(DescriptorFields.SND_NXT);
    long receive = d.value(DescriptorFields.RCV_NXT);
    return Numbers.receive(
        Numbers.send(d, v -> Math.max(send, receive)), v -> Math.min(send, receive));
  }

  private static IwarpConnectionDescriptor dropped(IwarpConnectionDescriptor d) {
    if (d.get(DescriptorFields.UNACKNOWLEDGED).orElse(Octets.empty()).isEmpty()) {
      return d;
    }
    return d.toBuilder()
        .present(DescriptorFields.UNACKNOWLEDGED, Octets.empty(), "a wrong driver")
        .present(DescriptorFields.SND_UNA, d.value(DescriptorFields.SND_NXT), "a wrong driver")
        .build();
  }
}

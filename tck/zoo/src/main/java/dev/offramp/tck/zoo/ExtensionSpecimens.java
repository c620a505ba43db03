package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Operation;
import dev.offramp.spi.DriverContext;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.FrameRules;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Wrong at what RFC 7306 adds, and at sums, sizes and STags. */
final class ExtensionSpecimens {
  private ExtensionSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "immediate-of-four",
            FrameRules.L41,
            "sends four octets of immediate data",
            Base.STREAM,
            Defects.out(u -> Segment.opcode(u) == Segment.IMMEDIATE, u -> Arrays.copyOf(u, 22))),
        Specimen.wrong(
            "immediate-reserved",
            ExtensionRules.R119,
            "sends immediate data with RDMAP version 0",
            Base.STREAM,
            Defects.out(u -> Segment.opcode(u) >= 8, u -> Segment.withOctet(u, 1, u[1] & 0x3F))),
        Specimen.wrong(
            "one-atomic",
            ExtensionRules.R120,
            "offers FetchAdd alone",
            Base.STREAM,
            Defects.capabilities(c -> Change.without(c, Operation.COMPARE_SWAP))),
        Specimen.wrong(
            "misaligned-atomic",
            ExtensionRules.R121,
            "aligns the address of an atomic by itself",
            Base.STREAM,
            Defects.in(
                u -> Segment.opcode(u) == Segment.ATOMIC_REQUEST,
                u -> Segment.with(u, 18 + 16, Segment.word(u, 18 + 16) & ~7))),
        Specimen.wrong(
            "masks-ignored",
            ExtensionRules.R122,
            "takes every mask for all ones",
            Base.STREAM,
            Defects.in(
                u -> Segment.opcode(u) == Segment.ATOMIC_REQUEST,
                u -> Segment.with(Segment.with(u, 18 + 28, -1), 18 + 32, -1))),
        Specimen.wrong(
            "atomic-response-on-queue-1",
            ExtensionRules.R123,
            "answers atomics on queue 1",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.ATOMIC_RESPONSE,
                u -> Segment.with(u, Segment.QUEUE, 1))),
        Specimen.wrong(
            "operands-swapped",
            FrameRules.L42,
            "exchanges addend and mask of an atomic",
            Base.STREAM,
            Defects.out(u -> Segment.opcode(u) == Segment.ATOMIC_REQUEST, Edits::swapOperands)),
        Specimen.wrong(
            "immediate-of-twelve",
            ExtensionRules.R125,
            "sends twelve octets of immediate data",
            Base.STREAM,
            Defects.out(u -> Segment.opcode(u) == Segment.IMMEDIATE, u -> Arrays.copyOf(u, 30))),
        Specimen.wrong(
            "crc-32",
            FrameRules.L40,
            "uses the CRC-32 of Ethernet and of invariant CRCs",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).plainCrc())),
        Specimen.wrong(
            "crc-reversed",
            FrameRules.L40,
            "sends the CRC's octets in reverse order",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).reversedCrc())),
        Specimen.wrong(
            "read-size-signed",
            FrameRules.L43,
            "keeps message lengths in 31 bits",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.READ_REQUEST,
                u -> Segment.with(u, 18 + 12, Segment.word(u, 18 + 12) & 0x7FFF_FFFF))),
        Specimen.wrong(
            "remote-key",
            FrameRules.L44,
            "names sinks by a second key",
            Base.STREAM,
            Defects.out(
                u -> Segment.opcode(u) == Segment.READ_REQUEST, u -> Segment.plus(u, 18, 0x100))),
        Specimen.wrong(
            "extension-errors-in-silence",
            ExtensionRules.R126,
            "drops atomics that it does not offer",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  DriverContext context(DriverContext context) {
                    return new ContextWith(context, Map.of("atomics", "0"));
                  }

                  @Override
                  StreamEdit stream(IwarpConnectionDescriptor descriptor) {
                    return Edits.withoutTerminates();
                  }
                }));
  }
}

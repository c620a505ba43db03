package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.tck.rule.MpaRules;
import java.util.Arrays;
import java.util.List;

/** Wrong at MPA (RFC 5044, RFC 6581). */
final class MpaSpecimens {
  private MpaSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "ulpdu-cut-in-two",
            MpaRules.R001,
            "cuts each ULPDU of a Send and sends it in two FPDUs",
            Base.STREAM,
            Defects.outs(() ->
                ulpdu ->
                    Segment.opcode(ulpdu) == Segment.SEND && ulpdu.length > 60
                        ? List.of(
                            Arrays.copyOf(ulpdu, 40), Arrays.copyOfRange(ulpdu, 40, ulpdu.length))
                        : List.of(ulpdu))),
        Specimen.wrong(
            "mulpdu-below-128",
            MpaRules.R002,
            "offers DDP no more than 100 octets",
            Base.STREAM,
            Defects.stream(d ->
                new StreamEdit() {
                  @Override
                  boolean editsOutput() {
                    return true;
                  }

                  @Override
                  List<byte[]> out(byte[] ulpdu) {
                    return Recut.to(ulpdu, 100);
                  }
                })),
        Specimen.wrong(
            "mulpdu-not-of-emss",
            MpaRules.R021,
            "takes EMSS itself for MULPDU",
            Base.STREAM,
            Defects.stream(d -> Edits.segments(honest -> honest + 14))),
        Specimen.wrong(
            "crc-field-missing",
            MpaRules.R006,
            "sends FPDUs without the CRC field",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).withoutCrcField())),
        Specimen.wrong(
            "pad-of-ones",
            MpaRules.R007,
            "pads with ones",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).pad(0xFF))),
        Specimen.wrong(
            "marker-reserved",
            MpaRules.R009,
            "writes something into the reserved half of markers",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).markerReserved(0x0102))),
        Specimen.wrong(
            "pointer-low-bits",
            MpaRules.R010,
            "sends FPDUPTR with its low bits set",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).pointerBias(1))),
        Specimen.wrong(
            "markers-left-out",
            MpaRules.R011,
            "sends no markers where the receiver wants them",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, false))),
        Specimen.wrong(
            "first-marker-late",
            MpaRules.R012,
            "counts markers from 512 octets behind the first FPDU",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).markerPhase(256))),
        Specimen.wrong(
            "pointer-from-fpdu-end",
            MpaRules.R013,
            "counts FPDUPTR from two octets further on",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).pointerBias(4))),
        Specimen.wrong(
            "crc-without-markers",
            MpaRules.R019,
            "leaves markers out of the CRC",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).markersUncovered())),
        Specimen.wrong(
            "crc-off",
            MpaRules.R016,
            "sends zero in place of each CRC",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(false, markers))),
        Specimen.wrong(
            "crc-not-checked",
            MpaRules.R020,
            "does not look at the CRC of what it receives",
            Base.STREAM,
            Defects.ins(() -> List::of)),
        Specimen.wrong(
            "markers-not-removed",
            MpaRules.R015,
            "takes the peer's markers for data",
            Base.STREAM,
            Defects.arriving(d -> Change.put(d, DescriptorFields.MPA_RECEIVE_MARKERS, false))),
        Specimen.wrong(
            "m-bit-both-ways",
            MpaRules.R029,
            "inserts markers when it is the peer that does",
            Base.STREAM,
            Defects.stream(d ->
                Edits.framedAs(
                    d.value(DescriptorFields.MPA_SEND_MARKERS)
                        || d.value(DescriptorFields.MPA_RECEIVE_MARKERS)))),
        Specimen.wrong(
            "responder-begins",
            MpaRules.R039,
            "lets a Responder send before it has received",
            Base.STREAM,
            Defects.stream(d -> Edits.preamble(d, MpaRole.RESPONDER, Edits.emptyWrite()))),
        Specimen.wrong(
            "rtr-of-another-kind",
            MpaRules.R066,
            "sends an empty Send as indication, whatever was agreed on",
            Base.STREAM,
            Defects.outs(Edits::rtrAsSend)),
        Specimen.wrong(
            "work-before-rtr",
            MpaRules.R051,
            "sends its own work before the indication",
            Base.STREAM,
            Defects.outs(Edits::rtrLast)),
        Specimen.wrong(
            "revision-always-1",
            MpaRules.R005,
            "reports MPA revision 1",
            Base.STREAM,
            Defects.mpa(m -> Change.revision(m, 1))),
        Specimen.wrong(
            "fin-unheard",
            MpaRules.R046,
            "reports nothing of the peer's FIN",
            Base.STREAM,
            Defects.end(
                e -> e instanceof StreamEnd.ClosedByPeer ? new StreamEnd.ClosedLocally() : e)),
        Specimen.wrong(
            "mpa-closes",
            MpaRules.R049,
            "resets TCP on a wrong CRC",
            Base.STREAM,
            Defects.stream(d -> Edits.terminateIsReset())),
        Specimen.wrong(
            "crc-off-checked",
            MpaRules.R008,
            "looks at CRCs that nobody agreed on",
            Base.STREAM,
            Defects.stream(
                d -> d.value(DescriptorFields.MPA_CRC) ? StreamEdit.NONE : Edits.distrusts())),
        Specimen.wrong(
            "delivers-after-error",
            MpaRules.R048,
            "goes on after a bad FPDU as though nothing had been",
            Base.STREAM,
            Defects.ins(() -> ulpdu -> Edits.isBad(ulpdu) ? List.of() : List.of(ulpdu))),
        Specimen.wrong(
            "length-off-by-one",
            MpaRules.R004,
            "reports one octet more than came",
            Base.STREAM,
            Defects.completions(c ->
                List.of(c.operation() == Operation.RECEIVE ? Change.bytes(c, c.bytes() + 1) : c))),
        Specimen.wrong(
            "pointer-of-nine-bits",
            MpaRules.R014,
            "keeps FPDUPTR in nine bits",
            Base.STREAM,
            Defects.framed((crc, markers) -> new FpduMaker(crc, markers).pointerMask(0x1FF))),
        Specimen.wrong(
            "mulpdu-of-small-emss",
            MpaRules.R022,
            "lets MULPDU fall below 128",
            Base.STREAM,
            Defects.outs(() -> ulpdu -> Recut.to(ulpdu, 100))),
        Specimen.wrong(
            "aligned-only",
            MpaRules.R023,
            "takes each TCP segment for a whole FPDU",
            Base.STREAM,
            Defects.stream(d -> Edits.alignedOnly())),
        Specimen.wrong(
            "starts-late",
            MpaRules.R025,
            "begins four octets late",
            Base.STREAM,
            Defects.stream(d -> Edits.preamble(d, MpaRole.INITIATOR, new byte[4]))),
        Specimen.wrong(
            "loss-misreported",
            MpaRules.R047,
            "reports a loss of TCP as a close",
            Base.STREAM,
            Defects.end(e -> e instanceof StreamEnd.TimedOut ? new StreamEnd.ClosedByPeer() : e)),
        Specimen.wrong(
            "peer-depths-swapped",
            MpaRules.R057,
            "exchanges the depths that the peer announced",
            Base.STREAM,
            Defects.mpa(Change::peerDepthsSwapped)),
        Specimen.wrong(
            "ord-above-ird",
            MpaRules.R058,
            "has more Reads outstanding than the peer's IRD",
            Base.STREAM,
            Defects.arriving(d -> Change.ord(d, 3))),
        Specimen.wrong(
            "drained-not",
            MpaRules.R072,
            "says that it needs a drained send queue, and takes others",
            Base.STREAM,
            Defects.capabilities(Change::drained)));
  }
}

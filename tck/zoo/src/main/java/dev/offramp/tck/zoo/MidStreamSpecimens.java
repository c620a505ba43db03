package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.tck.rule.SpiRules;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** What drivers get wrong with a stream that arrives in its middle. */
final class MidStreamSpecimens {
  private static final List<Refusal> ONLY_NEW =
      List.of(
          new Refusal(
              RefusalReason.NOT_QUIET,
              "a stream in RDMA mode",
              "one that has not begun",
              "move it before its first FPDU"));

  private MidStreamSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        wrong("sends-numbered-anew", "begins its Sends at MSN 1", anew(DescriptorFields.SEND_MSN)),
        wrong(
            "requests-numbered-anew",
            "begins its Read Requests at MSN 1",
            anew(DescriptorFields.READ_REQUEST_MSN)),
        wrong(
            "receives-numbered-anew",
            "expects the peer's Sends at MSN 1",
            anew(DescriptorFields.RECEIVE_MSN)),
        wrong(
            "unknown-taken-for-one",
            "takes a number that is not known for 1",
            d ->
                d.isKnown(DescriptorFields.READ_RESPONSE_MSN)
                    ? d
                    : Change.put(d, DescriptorFields.READ_RESPONSE_MSN, 1L)),
        wrong(
            "stags-anew",
            "gives regions other STags than the peer knows",
            d -> Change.map(d, DescriptorFields.REGIONS, MidStreamSpecimens::moved)),
        wrong(
            "peer-not-heard",
            "has a Responder wait for a first FPDU that came long ago",
            d ->
                d.value(DescriptorFields.MPA_ROLE) == MpaRole.RESPONDER
                    ? Change.put(d, DescriptorFields.PEER_HEARD, false)
                    : d),
        Specimen.wrong(
            "refused-when-stopped",
            SpiRules.S23,
            "admits streams in RDMA mode, and refuses them when they have been stopped",
            Base.STREAM,
            () -> new OnlyNew(false)),
        Specimen.honest(
            "takes-no-middle",
            "takes no stream in RDMA mode, and says so before it is stopped",
            Base.STREAM,
            () -> new OnlyNew(true)));
  }

  private static Specimen wrong(
      String name, String what, UnaryOperator<IwarpConnectionDescriptor> taken) {
    return Specimen.wrong(name, SpiRules.S23, what, Base.STREAM, taking(taken));
  }

  private static Supplier<Defect> taking(UnaryOperator<IwarpConnectionDescriptor> taken) {
    return () ->
        new Defect() {
          @Override
          IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor d) {
            return isMiddle(d) ? taken.apply(d) : d;
          }
        };
  }

  private static UnaryOperator<IwarpConnectionDescriptor> anew(FieldKey<Long> number) {
    return d -> Change.put(d, number, 1L);
  }

  private static boolean isMiddle(IwarpConnectionDescriptor d) {
    return d.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STARTED) == IwarpPhase.RDMA;
  }

  private static List<RegisteredMemory> moved(List<RegisteredMemory> regions) {
    return regions.stream()
        .map(region ->
            new RegisteredMemory(
                region.stag() ^ 1,
                region.taggedOffset(),
                region.sizeBytes(),
                region.access(),
                region.valid()))
        .toList();
  }

  private static final class OnlyNew extends Defect {
    private final boolean saysSo;

    OnlyNew(boolean saysSo) {
      this.saysSo = saysSo;
    }

    @Override
    Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
      return saysSo && isMiddle(profile.facts())
          ? Admission.refused(ONLY_NEW)
          : inner.admits(profile);
    }

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor d) throws TransferException {
      if (isMiddle(d)) {
        throw TransferException.refused(TransferStep.PREPARE, ONLY_NEW);
      }
      return d;
    }
  }
}

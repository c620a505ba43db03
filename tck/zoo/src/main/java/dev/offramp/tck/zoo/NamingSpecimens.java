package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.TransferRules;
import java.util.List;

/** Leaks G and H: naming, and the state-transfer interface itself. */
final class NamingSpecimens {
  private NamingSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "departs-in-24-bits",
            NamingRules.L69,
            "describes sequence numbers in 24 bits",
            Base.T6,
            () ->
                new Defect() {
                  @Override
                  Departure departing(Departure honest) {
                    return new OtherDeparture(honest, d -> Numbers.send(d, v -> v & 0xFF_FFFF));
                  }
                }),
        Specimen.wrong(
            "psn-in-log",
            NamingRules.L70,
            "logs packet sequence numbers",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  void opened(DriverContext context) {
                    context.logger().log(System.Logger.Level.INFO, "starting psn set");
                  }
                }),
        Specimen.wrong(
            "pkey-setting",
            NamingRules.L71,
            "asks for a partition key",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  void opened(DriverContext context) {
                    context.settings().get("pkey-index");
                  }
                }),
        Specimen.wrong(
            "untrue-capabilities",
            NamingRules.L72,
            "declares operations that it does not have",
            Base.STREAM,
            Defects.capabilities(c -> Change.without(c, Operation.WRITE))),
        Specimen.wrong(
            "abandon-holds",
            TransferRules.L74,
            "holds the stream of an abandoned arrival",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  boolean abandons() {
                    return false;
                  }
                }),
        Specimen.wrong(
            "invents-a-window",
            TransferRules.L75,
            "takes a window of 64 kB when there is none",
            Base.E810,
            Inventing::new));
  }

  /** Makes up what the host did not say. */
  private static final class Inventing extends Defect {
    @Override
    Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
      return inner.admits(
          new ConnectionProfile(
              filled(profile.facts()),
              profile.unreadBytes(),
              profile.unacknowledgedBytes(),
              profile.unsentBytes(),
              profile.obstacles()));
    }

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor) {
      return filled(descriptor);
    }

    private static IwarpConnectionDescriptor filled(IwarpConnectionDescriptor d) {
      return d.isKnown(DescriptorFields.SND_WND) || !d.isKnown(DescriptorFields.SND_NXT)
          ? d
          : Change.put(d, DescriptorFields.SND_WND, 65_536L);
    }
  }
}

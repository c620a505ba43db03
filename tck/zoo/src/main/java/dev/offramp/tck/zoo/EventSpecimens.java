package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.DriverContext;
import dev.offramp.tck.rule.EventRules;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Leaks E: order of events. */
final class EventSpecimens {
  private EventSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "drained-state",
            EventRules.L53,
            "speaks of the states of another transport's queue pairs",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  void opened(DriverContext context) {
                    context.logger().log(System.Logger.Level.INFO, "queue pair 5: RTS to SQD");
                  }
                }),
        Specimen.wrong(
            "third-message",
            EventRules.L45,
            "keeps a Responder silent until a second FPDU has come",
            Base.STREAM,
            Defects.stream(
                d -> Edits.awaitsSecond(d.value(DescriptorFields.MPA_ROLE) == MpaRole.RESPONDER))),
        Specimen.wrong(
            "responder-speaks-first",
            EventRules.L46,
            "lets a Responder begin",
            Base.STREAM,
            Defects.stream(d -> Edits.preamble(d, MpaRole.RESPONDER, Edits.emptyWrite()))),
        Specimen.wrong(
            "write-for-read",
            EventRules.L47,
            "sends an empty Send though a Read was agreed on",
            Base.STREAM,
            Defects.outs(Edits::rtrAsSend)),
        Specimen.wrong(
            "active-is-initiator",
            EventRules.L48,
            "takes the end with the higher port for the Initiator",
            Base.STREAM,
            Defects.arriving(d ->
                Change.put(
                    d,
                    DescriptorFields.MPA_ROLE,
                    d.value(DescriptorFields.LOCAL_ADDRESS).getPort()
                            > d.value(DescriptorFields.REMOTE_ADDRESS).getPort()
                        ? MpaRole.INITIATOR
                        : MpaRole.RESPONDER))),
        Specimen.wrong(
            "request-again",
            EventRules.L49,
            "sends its MPA Request again",
            Base.STREAM,
            Defects.stream(d ->
                Edits.preamble(
                    d, MpaRole.INITIATOR, "MPA ID Req Frame".getBytes(StandardCharsets.US_ASCII)))),
        Specimen.wrong(
            "keep-waiting",
            EventRules.L50,
            "asks the peer to wait, with octets of its own",
            Base.STREAM,
            Defects.stream(d -> Edits.preamble(d, MpaRole.INITIATOR, new byte[] {0, 2, 0, 17}))),
        Specimen.wrong(
            "disconnect-request",
            EventRules.L51,
            "sends a message to disconnect",
            Base.STREAM,
            Defects.stream(d -> Edits.disconnectRequest())),
        Specimen.wrong(
            "disconnect-resets",
            EventRules.L51,
            "resets TCP when it is to close",
            Base.STREAM,
            Defects.stream(d -> Edits.resets())),
        Specimen.wrong(
            "timewait",
            EventRules.L52,
            "holds a 4-tuple back after its end",
            Base.STREAM,
            Holding::new),
        Specimen.wrong(
            "post-after-error",
            EventRules.L54,
            "takes work for a stream that has ended",
            Base.STREAM,
            Defects.connection((c, context) -> new Lenient(c))),
        Specimen.wrong(
            "route-first",
            EventRules.L55,
            "takes no connection before a route is resolved",
            Base.STREAM,
            RouteFirst::new));
  }

  /** Holds endpoints back for a minute. */
  private static final class Holding extends Defect {
    private final Set<InetSocketAddress> held = new HashSet<>();

    @Override
    void activated(DriverContext context, IwarpConnectionDescriptor descriptor) {
      InetSocketAddress end = descriptor.value(DescriptorFields.REMOTE_ADDRESS);
      held.add(end);
      context
          .eventLoops()
          .next()
          .schedule(context.nanoTime() + 60_000_000_000L, () -> held.remove(end));
    }

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      if (held.contains(descriptor.value(DescriptorFields.REMOTE_ADDRESS))) {
        throw TransferException.refused(
            TransferStep.PREPARE,
            List.of(
                new Refusal(
                    RefusalReason.NO_RESOURCES, "an endpoint that is held", "a free one", "wait")));
      }
      return descriptor;
    }
  }

  /** The first arrival is in vain. */
  private static final class RouteFirst extends Defect {
    private boolean resolved;

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor)
        throws TransferException {
      if (!resolved) {
        resolved = true;
        throw TransferException.refused(
            TransferStep.PREPARE,
            List.of(
                new Refusal(
                    RefusalReason.NO_RESOURCES, "no route", "a route", "arrive once more")));
      }
      return descriptor;
    }
  }
}

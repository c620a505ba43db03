package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.SpiVersion;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.SpiRules;
import java.nio.ByteBuffer;
import java.util.List;

/** Wrong at the contract between driver and runtime, and at its ports. */
final class SpiSpecimens {
  private static final java.util.concurrent.atomic.AtomicInteger QUESTIONS =
      new java.util.concurrent.atomic.AtomicInteger();

  private SpiSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "odd-id",
            SpiRules.S01,
            "has an id with capitals",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  String id(String honest) {
                    return "My_Driver";
                  }
                }),
        Specimen.wrong(
            "future-spi",
            SpiRules.S01,
            "was compiled for a later SPI",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  SpiVersion spiVersion(SpiVersion honest) {
                    return new SpiVersion(honest.major(), honest.minor() + 1);
                  }
                }),
        Specimen.wrong(
            "fickle-match",
            SpiRules.S02,
            "serves a device at every other question",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  boolean matches(Device device, boolean honest) {
                    return honest && QUESTIONS.incrementAndGet() % 2 == 0;
                  }
                }),
        Specimen.wrong(
            "depth-out-of-range",
            SpiRules.S03,
            "declares a depth of 20000",
            Base.STREAM,
            Defects.capabilities(c ->
                Change.limits(
                    c, 20_000, c.maxOrd(), c.maxPrivateDataBytes(), c.maxGatherEntries()))),
        Specimen.wrong(
            "admits-touches",
            SpiRules.S04,
            "asks the device in admits",
            Base.E810,
            () ->
                new Defect() {
                  @Override
                  Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
                    context.window().write32(0, 0x0050_0000, 0);
                    return inner.admits(profile);
                  }
                }),
        Specimen.wrong(
            "admits-everything",
            SpiRules.S05,
            "admits what it then refuses",
            Base.T6,
            () ->
                new Defect() {
                  @Override
                  Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
                    return Admission.full();
                  }
                }),
        Specimen.wrong(
            "activates-early",
            SpiRules.S06,
            "lets the stream go when the connection arrives",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  boolean activatesEarly() {
                    return true;
                  }
                }),
        Specimen.wrong(
            "activates-twice",
            SpiRules.S07,
            "activates as often as it is asked to",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  boolean activatesTwice() {
                    return true;
                  }
                }),
        Specimen.wrong(
            "unchecked-failure",
            SpiRules.S08,
            "throws unchecked exceptions when a port fails",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  TransferException refused(TransferException honest) {
                    throw new IllegalStateException("prepare failed", honest);
                  }
                }),
        Specimen.wrong(
            "memory-leak",
            SpiRules.S09,
            "keeps a slab after close",
            Base.T6,
            () ->
                new Defect() {
                  @Override
                  void opened(DriverContext context) {
                    context.window().allocate(4096, 4096);
                  }
                }),
        Specimen.wrong(
            "timer-for-ever",
            SpiRules.S09,
            "sets a timer again and again after close",
            Base.STREAM,
            Ticking::new),
        Specimen.wrong(
            "two-connections",
            SpiRules.S10,
            "activates another connection than it prepared",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  boolean forgetsConnection() {
                    return true;
                  }
                }),
        Specimen.wrong(
            "role-misreported",
            SpiRules.S11,
            "reports the other role",
            Base.STREAM,
            Defects.mpa(m ->
                new MpaResult(
                    m.role() == MpaRole.INITIATOR ? MpaRole.RESPONDER : MpaRole.INITIATOR,
                    m.revision(),
                    m.crc(),
                    m.sendMarkers(),
                    m.receiveMarkers(),
                    m.ird(),
                    m.ord(),
                    m.peerIrd(),
                    m.peerOrd(),
                    m.rtr(),
                    m.privateData()))),
        Specimen.wrong(
            "descriptor-rebuilt",
            SpiRules.S12,
            "asks the stream port without Nagle's algorithm",
            Base.STREAM,
            Defects.preparing(d -> Change.map(d, DescriptorFields.NO_DELAY, v -> !v))),
        Specimen.wrong(
            "consumes-nothing",
            SpiRules.S13,
            "declares fields that it does not look at",
            Base.T6,
            Defects.capabilities(c -> Change.alsoConsumes(c, DescriptorFields.CONGESTION_CONTROL))),
        Specimen.wrong(
            "consumes-in-secret",
            SpiRules.S13,
            "does not declare the window that it uses",
            Base.T6,
            Defects.capabilities(c -> Change.consumesNot(c, DescriptorFields.SND_WND))),
        Specimen.wrong(
            "limit-not-kept",
            SpiRules.S14,
            "declares an ORD of 4 and takes more",
            Base.STREAM,
            Defects.capabilities(c ->
                Change.limits(c, c.maxIrd(), 4, c.maxPrivateDataBytes(), c.maxGatherEntries()))),
        Specimen.wrong(
            "completes-twice",
            SpiRules.S15,
            "completes Sends twice",
            Base.STREAM,
            Defects.completions(c -> c.operation() == Operation.SEND ? List.of(c, c) : List.of(c))),
        Specimen.wrong(
            "bad-requests-taken",
            SpiRules.S16,
            "takes requests that cannot be",
            Base.STREAM,
            Defects.connection((c, context) -> new Careless(c))),
        Specimen.wrong(
            "regions-forgotten",
            SpiRules.S17,
            "does not tell that regions have gone",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  boolean tellsOfRegions() {
                    return false;
                  }
                }),
        Specimen.wrong(
            "departure-kills",
            SpiRules.S18,
            "ends a connection that cannot leave",
            Base.T6,
            () ->
                new Defect() {
                  @Override
                  void departs(RdmaConnection connection) throws TransferException {
                    connection.abort();
                    throw TransferException.refused(
                        TransferStep.ADMIT,
                        List.of(
                            new Refusal(
                                RefusalReason.UNSUPPORTED, "a connection", "none", "stay")));
                  }
                }),
        Specimen.wrong(
            "end-told-twice",
            SpiRules.S19,
            "tells of each end twice",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  int endsTold() {
                    return 2;
                  }
                }),
        Specimen.wrong(
            "odd-setting",
            SpiRules.S21,
            "changes something with a setting that nobody knows",
            Base.STREAM,
            Settings.with(
                d -> Change.map(d, DescriptorFields.NO_DELAY, v -> !v), "no-such-setting")),
        Specimen.wrong(
            "empty-refusal",
            SpiRules.S22,
            "refuses without a word",
            Base.T6,
            () ->
                new Defect() {
                  @Override
                  Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
                    Admission honest = inner.admits(profile);
                    return honest.isAdmitted()
                        ? honest
                        : Admission.refused(
                            honest.refusals().stream()
                                .map(r -> new Refusal(r.reason(), "", "", ""))
                                .toList());
                  }
                }),
        Specimen.wrong(
            "task-throws",
            PortRules.P12,
            "gives the event loop a task that throws",
            Base.STREAM,
            () ->
                new Defect() {
                  @Override
                  void activated(DriverContext context, IwarpConnectionDescriptor descriptor) {
                    context
                        .eventLoops()
                        .next()
                        .execute(() -> {
                          throw new IllegalStateException("in a task");
                        });
                  }
                }),
        Specimen.wrong(
            "time-of-day",
            PortRules.P13,
            "sends the time of day",
            Base.STREAM,
            Defects.stream(d ->
                Edits.preamble(
                    d,
                    MpaRole.INITIATOR,
                    new FpduMaker(true, false)
                        .frame(
                            ByteBuffer.wrap(Edits.emptyWriteUlpdu())
                                .putInt(2, (int) System.nanoTime())
                                .array())))));
  }

  /** A timer that sets itself again. */
  private static final class Ticking extends Defect {
    @Override
    void opened(DriverContext context) {
      tick(context);
    }

    private static void tick(DriverContext context) {
      context
          .eventLoops()
          .next()
          .schedule(context.nanoTime() + 600_000_000_000L, () -> tick(context));
    }
  }
}

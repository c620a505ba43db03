package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.spi.Device;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.descriptor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * A plain connection that the driver takes: what it refuses is taken away until it does.
 *
 * @param shape what it takes
 * @param refusals what it refused on the way
 * @param taken whether it takes it, in the end
 */
public record Baseline(Shape shape, List<Refusal> refusals, boolean taken) {
  private static final int MAX_STEPS = 24;

  static Baseline find(Lab lab) throws Exception {
    RnicCapabilities can = lab.capabilities();
    Shape shape =
        Shape.PLAIN
            .residence(
                lab.target().device().kind() == Device.Kind.HOST_STREAM
                    ? TcpResidence.HOST_STACK
                    : TcpResidence.NEW_OWNER)
            .depths(Math.min(4, can.maxIrd()), Math.min(4, can.maxOrd()))
            .revision(can.mpaRevisions().contains(2) ? 2 : 1);
    List<Refusal> refusals = new ArrayList<>();
    try (Bench bench = lab.open()) {
      for (int step = 0; step < MAX_STEPS; step++) {
        IwarpConnectionDescriptor d = lab.draw(shape, "baseline");
        Admission admission =
            bench.call("admits", () -> bench.rnic().admits(ConnectionProfile.of(d)));
        if (admission.isAdmitted()) {
          return new Baseline(shape, refusals, true);
        }
        Shape before = shape;
        for (Refusal refusal : admission.refusals()) {
          refusals.add(refusal);
          shape = without(shape, refusal.reason());
        }
        if (shape.equals(before)) {
          return new Baseline(shape, refusals, false);
        }
      }
    }
    return new Baseline(shape, refusals, false);
  }

  /** The same connection without what was refused. */
  static Shape without(Shape shape, RefusalReason reason) {
    return switch (reason) {
      case TIMESTAMPS -> shape.timestamps(false);
      case SACK -> shape.sack(false);
      case MARKERS -> shape.markers(false, false);
      case MPA_OPTION -> shape.revision(1);
      case UNREAD_BYTES, UNACKNOWLEDGED_BYTES, QUEUE_TOO_LARGE, NOT_QUIET -> shape.queues(0, 0, 0);
      case WINDOW ->
          shape.windowBytes() > 1 << 16 ? shape.windows(2, 1 << 16) : shape.windows(0, 32 << 10);
      case READ_DEPTH -> shape.depths(shape.ird() / 2, shape.ord() / 2);
      case PRIVATE_DATA -> shape.privateDataBytes(0);
      case SEGMENT_SIZE -> shape.emss(shape.emss() > 1448 ? 1448 : 1024);
      case ADDRESS_FAMILY -> shape.ipv6(!shape.ipv6());
      case FIELD_ABSENT -> shape.vlan(true);
      default -> shape;
    };
  }
}

package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.tck.rule.MpaRules;
import java.util.List;

/** Right in each FPDU, and wrong at MPA all the same: when, how long, and what is told. */
final class MpaConductSpecimens {
  /** So many FPDUs are looked at by one that trusts what has been right for a while. */
  private static final int DISTRUSTED_FPDUS = 32;

  private MpaConductSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "ulpdu-of-64-kilobytes",
            MpaRules.R003,
            "joins segments until a ULPDU has 65000 octets",
            Base.STREAM,
            Defects.outs(() -> new Joined(65_000)::next)),
        Specimen.wrong(
            "crc-counted",
            MpaRules.R017,
            "counts the CRC with what it has sent",
            Base.STREAM,
            CrcCounted::new),
        Specimen.wrong(
            "crc-checked-at-first",
            MpaRules.R018,
            "looks at no CRC any more when 32 were right",
            Base.STREAM,
            Defects.stream(d -> checkedAtFirst())),
        Specimen.wrong(
            "crc-not-awaited",
            MpaRules.R024,
            "delivers what has come before its CRC has",
            Base.STREAM,
            Defects.stream(d -> notAwaited())),
        Specimen.wrong(
            "bound-late",
            MpaRules.R026,
            "has no queues before it is activated",
            Base.STREAM,
            BoundLate::new),
        Specimen.wrong(
            "unread-dropped",
            MpaRules.R044,
            "forgets what has come and was not read",
            Base.STREAM,
            UnreadDropped::new));
  }

  private static StreamEdit checkedAtFirst() {
    return new StreamEdit() {
      private int seen;

      @Override
      boolean editsInput() {
        return true;
      }

      @Override
      List<byte[]> in(byte[] ulpdu) {
        seen++;
        return List.of(ulpdu);
      }

      @Override
      boolean showsBadFraming() {
        return seen < DISTRUSTED_FPDUS;
      }
    };
  }

  private static StreamEdit notAwaited() {
    return new StreamEdit() {
      @Override
      boolean editsInput() {
        return true;
      }

      @Override
      boolean takesFpdusEarly() {
        return true;
      }
    };
  }

  private static final class CrcCounted extends Defect {
    private boolean crc;

    @Override
    void arrived(DriverContext context, IwarpConnectionDescriptor descriptor) {
      crc = descriptor.value(DescriptorFields.MPA_CRC);
    }

    @Override
    List<Completion> completions(Completion honest) {
      return List.of(
          crc && honest.operation() == Operation.SEND
              ? Change.bytes(honest, honest.bytes() + 4)
              : honest);
    }
  }

  private static final class BoundLate extends Defect {
    private boolean active;

    @Override
    void activated(DriverContext context, IwarpConnectionDescriptor descriptor) {
      active = true;
    }

    @Override
    RdmaConnection connection(RdmaConnection honest, DriverContext context) {
      return honest instanceof WrongConnection known ? new Unbound(known) : honest;
    }

    private final class Unbound extends WrongConnection {
      Unbound(WrongConnection inner) {
        super(inner, new Defect());
      }

      @Override
      public void post(WorkRequest request)
          throws WorkQueueFullException, ConnectionClosedException {
        if (active || !(request instanceof Receive)) {
          super.post(request);
        }
      }
    }
  }

  private static final class UnreadDropped extends Defect {
    @Override
    Admission admits(DriverContext context, ConnectionProfile profile, Rnic inner) {
      return inner.admits(
          new ConnectionProfile(
              dropped(profile.facts()),
              0,
              profile.unacknowledgedBytes(),
              profile.unsentBytes(),
              profile.obstacles()));
    }

    @Override
    IwarpConnectionDescriptor arriving(IwarpConnectionDescriptor descriptor) {
      return dropped(descriptor);
    }

    private static IwarpConnectionDescriptor dropped(IwarpConnectionDescriptor d) {
      return Change.map(d, DescriptorFields.UNREAD, unread -> Octets.empty());
    }
  }
}

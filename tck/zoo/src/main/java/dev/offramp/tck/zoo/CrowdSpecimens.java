package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.spi.DriverContext;
import dev.offramp.tck.rule.ExtensionRules;
import dev.offramp.tck.rule.RdmapRules;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Right with one connection, and wrong with two. */
final class CrowdSpecimens {
  private CrowdSpecimens() {}

  static List<Specimen> all() {
    return List.of(
        Specimen.wrong(
            "error-for-all",
            RdmapRules.R118,
            "ends every connection when the peer of one does something wrong",
            Base.STREAM,
            ErrorForAll::new),
        Specimen.wrong(
            "lost-update",
            ExtensionRules.R124,
            "loses an addition that comes right behind one of another connection",
            Base.STREAM,
            LostUpdate::new));
  }

  private static final class ErrorForAll extends Defect {
    private final List<RdmaConnection> all = new ArrayList<>();
    private @Nullable DriverContext known;

    @Override
    DriverContext context(DriverContext context) {
      known = context;
      return context;
    }

    @Override
    RdmaConnection connection(RdmaConnection honest, DriverContext context) {
      all.add(honest);
      return honest;
    }

    @Override
    StreamEnd end(StreamEnd honest) {
      DriverContext context = known;
      if (honest instanceof StreamEnd.TerminatedLocally && context != null) {
        List<RdmaConnection> others = List.copyOf(all);
        all.clear();
        context.eventLoops().next().execute(() -> others.forEach(RdmaConnection::abort));
      }
      return honest;
    }
  }

  private static final class LostUpdate extends Defect {
    private static final int DATA = Segment.UNTAGGED_BYTES + 20;

    private @Nullable StreamEdit last;

    @Override
    StreamEdit stream(IwarpConnectionDescriptor descriptor) {
      return new StreamEdit() {
        @Override
        boolean editsInput() {
          return true;
        }

        @Override
        boolean showsBadFraming() {
          return true;
        }

        @Override
        List<byte[]> in(byte[] ulpdu) {
          if (Segment.opcode(ulpdu) != Segment.ATOMIC_REQUEST) {
            return List.of(ulpdu);
          }
          boolean lost = last != null && !this.equals(last);
          last = this;
          byte[] request = ulpdu.clone();
          if (lost) {
            ByteBuffer.wrap(request).putLong(DATA, 0);
          }
          return List.of(request);
        }
      };
    }
  }
}

package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.models.Faults;
import dev.offramp.models.Link;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The cable of a modelled adapter. What a model decodes is kept: it is what the driver said. */
final class KitLink implements Link {
  static final String CLAIM = "link.claim";

  private final Trace trace;
  private final Conductor conductor;
  private final Wires wires;
  private final Faults faults;
  private final Set<String> claimed = new HashSet<>();
  private final List<IwarpConnectionDescriptor> installed = new ArrayList<>();

  KitLink(Trace trace, Conductor conductor, Wires wires, Faults faults) {
    this.trace = trace;
    this.conductor = conductor;
    this.wires = wires;
    this.faults = faults;
  }

  /** What was decoded of the driver's commands so far. */
  List<IwarpConnectionDescriptor> installed() {
    return installed;
  }

  /** 4-tuples that are still taken. */
  Set<String> claimed() {
    return Set.copyOf(claimed);
  }

  @Override
  public Claim claim(InetSocketAddress local, InetSocketAddress remote) throws IOException {
    String ends = local + " " + remote;
    trace.add(TraceEvent.Kind.CLAIM, "link", ends);
    if (faults.at(CLAIM) != Faults.NO_FAULT) {
      trace.add(TraceEvent.Kind.FAULT, CLAIM, "");
      throw new IOException("a fault of the kit");
    }
    Wire wire = wires.find(local, remote);
    if (wire == null) {
      throw new IOException("nobody has a connection " + ends);
    }
    if (!claimed.add(ends)) {
      throw new IOException(ends + " is claimed already");
    }
    return new Taken(ends, wire);
  }

  private final class Taken implements Claim {
    private final String ends;
    private final Wire wire;
    private @Nullable IwarpConnectionDescriptor decoded;
    private boolean closed;

    Taken(String ends, Wire wire) {
      this.ends = ends;
      this.wire = wire;
    }

    @Override
    public PreparedStream install(IwarpConnectionDescriptor descriptor) {
      conductor.progressed();
      decoded = descriptor;
      installed.add(descriptor);
      trace.add(
          TraceEvent.Kind.INSTALL,
          "link",
          Octets.copyOf(descriptor.toBytes()),
          descriptor.toString());
      return new PreparedStream() {
        @Override
        public StreamPort activate() {
          return wire.activate(
              descriptor, KitStreams.queued(descriptor), KitStreams.unread(descriptor));
        }

        @Override
        public void abandon() {
          trace.add(TraceEvent.Kind.ABANDON, "link", ends);
        }
      };
    }

    /** The kit's wire has no TCP state of its own: what was decoded, moved on, is its state. */
    @Override
    public Departure stop() throws TransferException {
      IwarpConnectionDescriptor known = decoded;
      if (known == null) {
        throw new TransferException(
            TransferStep.FREEZE,
            Whereabouts.OLD_OWNER,
            "no connection was installed on " + ends + "; install one first",
            null);
      }
      return wire.depart(known);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        claimed.remove(ends);
      }
    }
  }
}

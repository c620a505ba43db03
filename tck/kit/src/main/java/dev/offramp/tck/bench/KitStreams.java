package dev.offramp.tck.bench;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.models.Faults;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.util.ArrayList;
import java.util.List;

/** The streams of a software RNIC, as the kit gives them out. */
final class KitStreams implements StreamPorts {
  static final String PREPARE = "stream.prepare";

  private final Trace trace;
  private final Conductor conductor;
  private final Wires wires;
  private final Faults faults;
  private final List<IwarpConnectionDescriptor> prepared = new ArrayList<>();
  private int open;

  KitStreams(Trace trace, Conductor conductor, Wires wires, Faults faults) {
    this.trace = trace;
    this.conductor = conductor;
    this.wires = wires;
    this.faults = faults;
  }

  /** What drivers have asked for so far. */
  List<IwarpConnectionDescriptor> prepared() {
    return prepared;
  }

  /** Streams that were prepared and neither activated nor abandoned. */
  int openCount() {
    return open;
  }

  @Override
  public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
    conductor.progressed();
    trace.add(
        TraceEvent.Kind.PREPARE,
        "stream",
        Octets.copyOf(descriptor.toBytes()),
        descriptor.toString());
    prepared.add(descriptor);
    if (faults.at(PREPARE) != Faults.NO_FAULT) {
      trace.add(TraceEvent.Kind.FAULT, PREPARE, "");
      throw new TransferException(
          TransferStep.PREPARE,
          Whereabouts.OLD_OWNER,
          "no stream: seen [a fault of the kit], expected a stream; try again",
          null);
    }
    Wire wire = wires.find(descriptor);
    if (wire == null) {
      throw new TransferException(
          TransferStep.PREPARE,
          Whereabouts.OLD_OWNER,
          "no connection %s; prepare what arrived".formatted(descriptor),
          null);
    }
    open++;
    return new Prepared(wire, descriptor);
  }

  private final class Prepared implements PreparedStream {
    private final Wire wire;
    private final IwarpConnectionDescriptor descriptor;
    private boolean over;

    Prepared(Wire wire, IwarpConnectionDescriptor descriptor) {
      this.wire = wire;
      this.descriptor = descriptor;
    }

    @Override
    public StreamPort activate() {
      if (over) {
        throw new IllegalStateException("the stream was activated or abandoned before");
      }
      over = true;
      open--;
      return wire.activate(descriptor, queued(descriptor), unread(descriptor));
    }

    @Override
    public void abandon() {
      if (!over) {
        over = true;
        open--;
        trace.add(TraceEvent.Kind.ABANDON, "stream", "");
      }
    }
  }

  /** What TCP had received, and nobody has read. */
  static byte[] unread(IwarpConnectionDescriptor d) {
    return d.get(DescriptorFields.UNREAD).orElse(Octets.empty()).toByteArray();
  }

  /** What TCP still has to send. */
  static byte[] queued(IwarpConnectionDescriptor d) {
    return d.get(DescriptorFields.UNACKNOWLEDGED)
        .orElse(Octets.empty())
        .concat(d.get(DescriptorFields.UNSENT).orElse(Octets.empty()))
        .toByteArray();
  }
}

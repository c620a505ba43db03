package dev.offramp.tck.zoo;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.RnicEvents;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** What the honest driver inside a wrong one is handed. */
record WrongContext(
    DriverContext context, Defect defect, Function<RdmaConnection, RdmaConnection> outer)
    implements DriverContext {
  @Override
  public Device device() {
    return context.device();
  }

  @Override
  public DeviceWindow window() {
    return context.window();
  }

  @Override
  public StreamPorts streams() {
    StreamPorts ports = context.streams();
    return new StreamPorts() {
      @Override
      public Admission admits(ConnectionProfile profile) {
        return ports.admits(profile);
      }

      @Override
      public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
        PreparedStream prepared = ports.prepare(defect.preparing(descriptor));
        StreamEdit edit = defect.stream(descriptor);
        StreamPort early = defect.activatesEarly() ? prepared.activate() : null;
        return new PreparedStream() {
          @Override
          public StreamPort activate() {
            StreamPort port = early == null ? prepared.activate() : early;
            return new WrongStream(port, edit, descriptor);
          }

          @Override
          public void abandon() {
            prepared.abandon();
          }
        };
      }
    };
  }

  @Override
  public EventLoops eventLoops() {
    return context.eventLoops();
  }

  @Override
  public long nanoTime() {
    return context.nanoTime();
  }

  @Override
  public System.Logger logger() {
    return context.logger();
  }

  @Override
  public Map<String, String> settings() {
    return context.settings();
  }

  @Override
  public RnicEvents events() {
    RnicEvents events = context.events();
    return new RnicEvents() {
      @Override
      public void ended(RdmaConnection connection, StreamEnd end) {
        for (int i = 0; i < defect.endsTold(); i++) {
          events.ended(outer.apply(connection), defect.end(end));
        }
      }

      @Override
      public void stalled(RdmaConnection connection, long nanos) {
        events.stalled(outer.apply(connection), nanos);
      }

      @Override
      public void registered(RdmaConnection connection, MemoryRegion region, Set<Access> access) {
        events.registered(outer.apply(connection), region, access);
      }

      @Override
      public void deregistered(RdmaConnection connection, MemoryRegion region) {
        if (defect.tellsOfRegions()) {
          events.deregistered(outer.apply(connection), region);
        }
      }
    };
  }
}

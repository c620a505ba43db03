package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.runtime.loop.NioEventLoops;
import dev.offramp.runtime.stream.HostResidentStreams;
import dev.offramp.runtime.stream.ResidentStack;
import dev.offramp.spi.Device;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicCapabilities;
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.UnaryOperator;

/**
 * The same driver on the same loops and sockets, with something between it and its streams. MPA
 * start-up does not take place: both ends know what it would agree.
 */
public final class StreamOwner implements AutoCloseable {
  /** Of loopback: 65,535 less the headers of IPv4 and TCP with timestamps. */
  private static final int SEGMENT_BYTES = 65_535 - 52;

  private static final int READ_DEPTH = 16;
  private static final String SOURCE = "the benchmark";

  private final NioEventLoops loops = new NioEventLoops();
  private final ResidentStack stack = new ResidentStack();
  private final Rnic rnic;

  /**
   * An RNIC of its own.
   *
   * @param settings the driver's
   * @param between what the driver gets instead of a stream
   */
  public StreamOwner(Map<String, String> settings, UnaryOperator<StreamPort> between)
      throws IOException {
    RnicDriver driver =
        ServiceLoader.load(RnicDriver.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.id().equals("softiwarp"))
            .findFirst()
            .orElseThrow();
    rnic =
        driver.open(
            new Context(
                new WrappedStreams(
                    new HostResidentStreams(stack, channel -> SEGMENT_BYTES), between),
                loops,
                settings));
  }

  /** What the RNIC can do. */
  public RnicCapabilities capabilities() {
    return rnic.capabilities();
  }

  /** Takes a TCP connection and makes it carry RDMA. */
  public RdmaConnection offload(SocketChannel tcp, MpaRole role, boolean crc, ConnectionSetup setup)
      throws IOException {
    try (Departure departure = stack.depart(tcp);
        RnicArrival arrival = rnic.arrive(describe(departure.descriptor(), role, crc))) {
      setup.prepare(arrival.prepared());
      departure.release();
      return arrival.activate();
    }
  }

  private static IwarpConnectionDescriptor describe(
      IwarpConnectionDescriptor tcp, MpaRole role, boolean crc) {
    return tcp.toBuilder()
        .present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, SOURCE)
        .present(DescriptorFields.MPA_ROLE, role, SOURCE)
        .present(DescriptorFields.MPA_REVISION, 2, SOURCE)
        .present(DescriptorFields.MPA_CRC, crc, SOURCE)
        .present(DescriptorFields.MPA_SEND_MARKERS, false, SOURCE)
        .present(DescriptorFields.MPA_RECEIVE_MARKERS, false, SOURCE)
        .present(DescriptorFields.LOCAL_PRIVATE_DATA, Octets.empty(), SOURCE)
        .present(DescriptorFields.REMOTE_PRIVATE_DATA, Octets.empty(), SOURCE)
        .present(DescriptorFields.IRD, READ_DEPTH, SOURCE)
        .present(DescriptorFields.ORD, READ_DEPTH, SOURCE)
        .present(DescriptorFields.PEER_IRD, READ_DEPTH, SOURCE)
        .present(DescriptorFields.PEER_ORD, READ_DEPTH, SOURCE)
        .present(DescriptorFields.RTR, RtrKind.NONE, SOURCE)
        .absent(DescriptorFields.MPA_SEND_START, "TCP stays where it is")
        .absent(DescriptorFields.MPA_RECEIVE_START, "TCP stays where it is")
        .build();
  }

  @Override
  public void close() {
    try {
      rnic.close();
    } finally {
      loops.close();
    }
  }

  /** What the driver gets. */
  private record Context(StreamPorts streams, EventLoops eventLoops, Map<String, String> settings)
      implements DriverContext {
    @Override
    public Device device() {
      return new Device("softiwarp", Device.Kind.HOST_STREAM, 0, 0);
    }

    @Override
    public DeviceWindow window() {
      throw new IllegalStateException("a stream has no window");
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public System.Logger logger() {
      return System.getLogger(StreamOwner.class.getName());
    }
  }

  private record WrappedStreams(StreamPorts streams, UnaryOperator<StreamPort> wrapper)
      implements StreamPorts {
    @Override
    public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
      PreparedStream prepared = streams.prepare(descriptor);
      return new PreparedStream() {
        @Override
        public StreamPort activate() {
          return wrapper.apply(prepared.activate());
        }

        @Override
        public void abandon() {
          prepared.abandon();
        }
      };
    }
  }
}

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
import dev.offramp.spi.RnicDriver;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.EventLoops;
import dev.offramp.spi.port.PreparedStream;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamPorts;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * The same driver on the same loops and sockets, its streams behind counters. For counting, not for
 * timing. MPA start-up does not take place: both ends know what it would agree.
 */
final class CountedOwner implements Owner {
  /** Of loopback: 65,535 less the headers of IPv4 and TCP with timestamps. */
  private static final int SEGMENT_BYTES = 65_535 - 52;

  private static final int READ_DEPTH = 16;
  private static final String SOURCE = "the benchmark";

  private final NioEventLoops loops = new NioEventLoops();
  private final ResidentStack stack = new ResidentStack();
  private final StreamCounts counts = new StreamCounts();
  private final Rnic rnic;

  CountedOwner(int queueEntries) throws IOException {
    RnicDriver driver =
        ServiceLoader.load(RnicDriver.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(each -> each.id().equals("softiwarp"))
            .findFirst()
            .orElseThrow();
    String entries = Integer.toString(queueEntries);
    rnic =
        driver.open(
            new Context(
                new CountedStreams(new HostResidentStreams(stack, channel -> SEGMENT_BYTES)),
                loops,
                Map.of("send-queue-entries", entries, "receive-queue-entries", entries)));
  }

  StreamCounts counts() {
    return counts;
  }

  @Override
  public void watch(MemorySegment memory) {
    counts.watch(memory);
  }

  @Override
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
      return System.getLogger(CountedOwner.class.getName());
    }
  }

  private final class CountedStreams implements StreamPorts {
    private final StreamPorts streams;

    CountedStreams(StreamPorts streams) {
      this.streams = streams;
    }

    @Override
    public PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException {
      PreparedStream prepared = streams.prepare(descriptor);
      return new PreparedStream() {
        @Override
        public StreamPort activate() {
          return counted(prepared.activate());
        }

        @Override
        public void abandon() {
          prepared.abandon();
        }
      };
    }
  }

  /** A proxy, so that whatever else a port can do reaches the real one. */
  private StreamPort counted(StreamPort port) {
    return (StreamPort)
        Proxy.newProxyInstance(
            CountedOwner.class.getClassLoader(),
            new Class<?>[] {StreamPort.class},
            (proxy, method, arguments) -> called(port, method, arguments));
  }

  private @Nullable Object called(
      StreamPort port, Method method, @Nullable Object @Nullable [] arguments) throws Throwable {
    StreamCounts.Direction direction =
        switch (method.getName()) {
          case "read" -> counts.read();
          case "write" -> counts.written();
          default -> null;
        };
    try {
      if (direction == null
          || arguments == null
          || !(arguments[0] instanceof ByteBuffer[] buffers)
          || !(arguments[1] instanceof Integer offset)
          || !(arguments[2] instanceof Integer length)) {
        return method.invoke(port, arguments);
      }
      int[] positions = new int[length];
      for (int i = 0; i < length; i++) {
        positions[i] = buffers[offset + i].position();
      }
      Object result = method.invoke(port, arguments);
      counts.count(direction, buffers, offset, length, positions);
      return result;
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }
}

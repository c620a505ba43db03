package dev.offramp.benchmarks.softiwarp;

import dev.offramp.api.ConnectionSetup;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An owner whose streams are behind counters. For counting, not for timing. */
final class CountedOwner implements Owner {
  private final StreamCounts counts = new StreamCounts();
  private final StreamOwner owner;

  CountedOwner(int queueEntries) throws IOException {
    String entries = Integer.toString(queueEntries);
    owner =
        new StreamOwner(
            Map.of("send-queue-entries", entries, "receive-queue-entries", entries), this::counted);
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
    return owner.offload(tcp, role, crc, setup);
  }

  @Override
  public void close() {
    owner.close();
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

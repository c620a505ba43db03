package dev.offramp.benchmarks.posting;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.benchmarks.softiwarp.StreamOwner;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * The software RNIC for comparison: its post does what the chip does for the others, headers, CRC
 * and all. What it hands to TCP is dropped, so no system call is in it.
 */
final class Softiwarp implements PostingDevice {
  private static final int MEMORY_BYTES = 1 << 16;

  private final StreamOwner nearOwner;
  private final StreamOwner farOwner;
  private final RdmaConnection near;
  private final RdmaConnection far;
  private final MemoryRegion source;
  private final MemoryRegion sink;
  private final CompletableFuture<DiscardingPort> port = new CompletableFuture<>();

  /** Two ends over loopback, of which the far one hears nothing any more afterwards. */
  Softiwarp() throws Exception {
    nearOwner = new StreamOwner(Map.of("first-fpdu-delay-micros", "0"), this::between);
    farOwner = new StreamOwner(Map.of(), stream -> stream);
    SocketChannel nearTcp;
    SocketChannel farTcp;
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      nearTcp = SocketChannel.open(server.getLocalAddress());
      farTcp = server.accept();
    }
    CompletableFuture<RdmaConnection> responder =
        CompletableFuture.supplyAsync(() -> offload(farOwner, farTcp, MpaRole.RESPONDER));
    near = offload(nearOwner, nearTcp, MpaRole.INITIATOR);
    far = responder.get();
    source = near.allocate(MEMORY_BYTES, Access.REMOTE_READ);
    sink = far.allocate(MEMORY_BYTES, Access.REMOTE_WRITE);
    far.post(new Receive(0, sink.whole()));
    near.post(new Send(0, List.of(), false, OptionalInt.empty()));
    near.completions().take();
    far.completions().take();
    port.get().discard();
  }

  private StreamPort between(StreamPort stream) {
    DiscardingPort discarding = new DiscardingPort(stream);
    port.complete(discarding);
    return discarding;
  }

  private static RdmaConnection offload(StreamOwner owner, SocketChannel tcp, MpaRole role) {
    try {
      return owner.offload(tcp, role, /* crc= */ true, prepared -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return "softiwarp";
  }

  @Override
  public RdmaConnection connection() {
    return near;
  }

  @Override
  public MemoryRegion source() {
    return source;
  }

  @Override
  public RemoteBuffer target() {
    return sink.advertise();
  }

  @Override
  public int gatherEntries() {
    return nearOwner.capabilities().maxGatherEntries();
  }

  /** Everything short is copied next to its header. */
  @Override
  public int inlineBytes() {
    return MEMORY_BYTES;
  }

  @Override
  public void hold(int messages) {
    port.join().takeWrites();
  }

  @Override
  public int release() {
    return port.join().takeWrites();
  }

  @Override
  public void settle(int messages) {
    // The peer was sent nothing.
  }

  @Override
  public void close() {
    near.abort();
    far.abort();
    nearOwner.close();
    farOwner.close();
  }
}

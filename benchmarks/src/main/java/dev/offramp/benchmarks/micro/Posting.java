package dev.offramp.benchmarks.micro;

import dev.offramp.api.Offramp;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Posting and polling over the software RNIC on the host's sockets. Run with {@code -prof gc}: what
 * counts is {@code gc.alloc.rate.norm}, which must be 0 B for one operation; the work requests are
 * made beforehand, as an application on its hot path does. One thread serves both ends, so that an
 * operation is the whole of its cost.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 4, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class Posting {
  private static final int BYTES = 64;
  private static final int RECEIVES = 64;

  private final CompletionHandler handler =
      (id, operation, status, bytes, detail) -> {
        if (status != CompletionStatus.SUCCESS) {
          throw new IllegalStateException(operation + " completed with " + status);
        }
      };

  private Offramp nearOfframp;
  private Offramp farOfframp;
  private RdmaConnection near;
  private RdmaConnection far;
  private Receive receive;
  private Send send;
  private Write write;
  private Read read;

  @Setup(Level.Trial)
  public void connect() throws Exception {
    nearOfframp = Offramp.open();
    farOfframp = Offramp.open();
    SocketChannel nearTcp;
    SocketChannel farTcp;
    try (ServerSocketChannel server = ServerSocketChannel.open()) {
      server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      nearTcp = SocketChannel.open(server.getLocalAddress());
      farTcp = server.accept();
    }
    CompletableFuture<RdmaConnection> responder =
        CompletableFuture.supplyAsync(() -> offload(farOfframp, farTcp, Mpa.responder().build()));
    near = offload(nearOfframp, nearTcp, Mpa.initiator().build());
    far = responder.get();
    MemoryRegion source = near.allocate(4096, Access.REMOTE_WRITE);
    MemoryRegion sink = far.allocate(4096, Access.REMOTE_WRITE, Access.REMOTE_READ);
    receive = new Receive(0, sink.whole());
    send = new Send(0, source.slice(0, BYTES));
    write = new Write(0, source.slice(0, BYTES), sink.advertise());
    read = new Read(0, source.slice(0, BYTES), sink.advertise().slice(0, BYTES));
    for (int i = 0; i < RECEIVES; i++) {
      far.post(receive);
    }
    // The first FPDU may have to wait for its time.
    near.post(send);
    far.completions().take();
    far.post(receive);
    while (near.completions().poll(handler, 8) > 0) {
      // Nothing is left over.
    }
  }

  private static RdmaConnection offload(Offramp offramp, SocketChannel tcp, MpaOptions mpa) {
    try {
      tcp.setOption(StandardSocketOptions.TCP_NODELAY, true);
      return offramp.offload(tcp, mpa);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @TearDown(Level.Trial)
  public void disconnect() {
    near.abort();
    far.abort();
    nearOfframp.close();
    farOfframp.close();
  }

  /** Send, its completion, the peer's completion, and a new Receive. */
  @Benchmark
  public void sendAndReceive() throws Exception {
    near.post(send);
    while (near.completions().poll(handler, 1) == 0) {
      Thread.onSpinWait();
    }
    while (far.completions().poll(handler, 1) == 0) {
      Thread.onSpinWait();
    }
    far.post(receive);
  }

  /** Write and its completion; the peer's event loop places the bytes. */
  @Benchmark
  public void writeAndPoll() throws Exception {
    near.post(write);
    while (near.completions().poll(handler, 1) == 0) {
      Thread.onSpinWait();
    }
  }

  /** Read and its completion; the peer's event loop answers. */
  @Benchmark
  public void readAndPoll() throws Exception {
    near.post(read);
    while (near.completions().poll(handler, 1) == 0) {
      Thread.onSpinWait();
    }
  }

  /** A look that finds nothing. */
  @Benchmark
  public int pollEmpty() {
    return near.completions().poll(handler, 1);
  }
}

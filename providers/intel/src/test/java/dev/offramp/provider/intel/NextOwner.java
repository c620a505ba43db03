package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamState;
import dev.offramp.models.ModelLoop;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.StreamRunner;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * An owner that goes on with a connection from what its descriptor says and nothing else: the
 * engine of the software RNIC, on the host's TCP.
 */
final class NextOwner implements AutoCloseable, StreamRunner.Owner {
  private static final int DOMAIN = 7;
  private static final int DEPTH = 1024;
  private static final long PATIENCE_SECONDS = 60;

  private final ModelLoop loop;
  private final MemoryTable memory;
  private final RdmapStream engine;
  private final StreamRunner runner;
  private final BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
  private volatile @Nullable StreamEnd end;

  /** What came before the engine was there. On the loop. */
  private final ByteArrayOutputStream early = new ByteArrayOutputStream();

  /**
   * Takes the connection over.
   *
   * @param memoryOf where the memory of an STag is
   */
  NextOwner(
      Bench bench,
      SimulatedConnection tcp,
      IwarpConnectionDescriptor d,
      MpaResult mpa,
      IntFunction<MemorySegment> memoryOf)
      throws TransferException {
    this.loop = bench.peerLoop;
    this.memory = new MemoryTable(new java.util.SplittableRandom(1), DEPTH);
    for (RegisteredMemory region : d.get(DescriptorFields.REGIONS).orElse(List.of())) {
      if (region.valid()) {
        memory.adopt(
            region.stag(),
            DOMAIN,
            memoryOf.apply(region.stag()),
            region.taggedOffset(),
            region.access());
      }
    }
    StreamState state = StreamState.of(d);
    this.engine =
        new RdmapStream(
            StreamConfig.of(mpa)
                .start(state.position())
                .queueDepths(DEPTH, DEPTH)
                .domain(DOMAIN)
                .build(),
            memory);
    engine.restore(state, stag -> memory.find(stag, DOMAIN));
    for (PostedWork receive : d.get(DescriptorFields.POSTED_RECEIVES).orElse(List.of())) {
      LocalBuffers buffers = new LocalBuffers(16);
      for (MemorySlice slice : receive.buffers()) {
        buffers.add(region(slice.stag()), slice.offsetBytes(), slice.lengthBytes());
      }
      require(engine.postReceive(receive.id(), buffers));
    }
    this.runner =
        new StreamRunner(
            tcp.resumeAtHost(d), loop, bench.clock, Duration.ofSeconds(10).toNanos(), this);
    loop.run(() -> {
      runner.start();
      engine.receive(ByteBuffer.wrap(early.toByteArray()));
      runner.enterRdma(engine);
    });
  }

  private static void require(Posted verdict) {
    if (verdict != Posted.ACCEPTED) {
      throw new IllegalStateException("the next owner could not post: " + verdict);
    }
  }

  Region region(int stag) {
    Region region = memory.find(stag, DOMAIN);
    if (region == null) {
      throw new IllegalStateException("STag [%08x] did not come along".formatted(stag));
    }
    return region;
  }

  void post(Function<RdmapStream, Posted> work) {
    loop.run(() -> {
      require(work.apply(engine));
      runner.work();
    });
  }

  Completion take() throws InterruptedException {
    Completion next = completions.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    if (next == null) {
      throw new IllegalStateException("no completion at the next owner; end " + end);
    }
    return next;
  }

  @Override
  public void streamed(ByteBuffer bytes) {
    while (bytes.hasRemaining()) {
      early.write(bytes.get());
    }
  }

  @Override
  public void moved() {
    engine.pollCompletions(this::completed, Integer.MAX_VALUE);
  }

  private void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    completions.add(Completion.of(id, operation, status, bytes, detail));
  }

  @Override
  public void ended(StreamEnd how) {
    end = how;
  }

  @Override
  public void close() {
    loop.run(runner::reset);
  }
}

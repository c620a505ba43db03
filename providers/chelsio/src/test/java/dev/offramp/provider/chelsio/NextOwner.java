package dev.offramp.provider.chelsio;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamState;
import dev.offramp.models.StreamRunner;
import dev.offramp.spi.port.StreamPort;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** The host's iWARP engine, which goes on where a descriptor says that the adapter stood. */
final class NextOwner implements AutoCloseable {
  private static final int MAX_PIECES = 8;

  private final Bench bench;
  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 1 << 10);
  private final Map<Integer, Region> regions = new HashMap<>();
  private final BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream early = new ByteArrayOutputStream();
  private final StreamRunner runner;

  /**
   * It has the 4-tuple, and speaks at once.
   *
   * @param segments where the regions' memory is, by STag
   */
  NextOwner(
      Bench bench,
      StreamPort tcp,
      IwarpConnectionDescriptor d,
      Map<Integer, MemorySegment> segments) {
    this.bench = bench;
    StreamState state = StreamState.of(d);
    RdmapStream engine =
        new RdmapStream(
            StreamConfig.of(MpaResult.of(d)).emss(1460).start(state.position()).build(), memory);
    for (RegisteredMemory region : d.value(DescriptorFields.REGIONS)) {
      regions.put(region.stag(), region(region, segments));
    }
    engine.restore(state, regions::get);
    d.value(DescriptorFields.POSTED_RECEIVES).forEach(work -> post(engine, work));
    d.value(DescriptorFields.POSTED_WORK).forEach(work -> post(engine, work));
    runner =
        new StreamRunner(
            tcp, bench.peerLoop(), bench.clock(), TimeUnit.SECONDS.toNanos(10), new Events());
    bench
        .peerLoop()
        .run(() -> {
          runner.start();
          // What has come before the runner knew of RDMA mode.
          engine.receive(ByteBuffer.wrap(early.toByteArray()));
          runner.enterRdma(engine);
        });
  }

  private Region region(RegisteredMemory region, Map<Integer, MemorySegment> segments) {
    return region.valid()
        ? memory.adopt(
            region.stag(),
            0,
            Objects.requireNonNull(segments.get(region.stag())),
            region.taggedOffset(),
            region.access())
        : Region.revoked(region, 0);
  }

  private void post(RdmapStream engine, PostedWork work) {
    LocalBuffers buffers = new LocalBuffers(MAX_PIECES);
    for (MemorySlice slice : work.buffers()) {
      buffers.add(known(slice.stag()), slice.offsetBytes(), slice.lengthBytes());
    }
    if (work.operation() == Operation.RECEIVE) {
      engine.postReceive(work.id(), buffers);
    } else if (work.operation() == Operation.SEND) {
      engine.postSend(work.id(), buffers, work.solicited(), false, 0);
    } else if (work.operation() == Operation.WRITE) {
      RemoteBuffer target = work.target().orElseThrow();
      engine.postWrite(work.id(), buffers, target.stag(), target.taggedOffset());
    } else {
      MemorySlice sink = work.buffers().getFirst();
      RemoteBuffer source = work.target().orElseThrow();
      engine.postRead(
          work.id(),
          known(sink.stag()),
          sink.offsetBytes(),
          sink.lengthBytes(),
          source.stag(),
          source.taggedOffset());
    }
  }

  private Region known(int stag) {
    return Objects.requireNonNull(regions.get(stag));
  }

  /** Has the engine do something. */
  <T> T ask(Function<RdmapStream, T> what) {
    return bench
        .peerLoop()
        .call(() -> {
          T answer = what.apply(Objects.requireNonNull(runner.stream()));
          runner.work();
          return answer;
        });
  }

  /** Posts a Receive into a region. */
  void receive(long id, int stag, long offset, long length) {
    ask(engine ->
        engine.postReceive(id, new LocalBuffers(MAX_PIECES).add(known(stag), offset, length)));
  }

  /** The next completion. */
  Completion take() throws InterruptedException {
    Completion next = completions.poll(60, TimeUnit.SECONDS);
    if (next == null) {
      throw new IllegalStateException("no completion; the stream: " + ask(RdmapStream::end));
    }
    return next;
  }

  List<Completion> all() {
    return List.copyOf(completions);
  }

  @Override
  public void close() {
    bench.peerLoop().run(runner::reset);
  }

  private final class Events implements StreamRunner.Owner {
    @Override
    public void streamed(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      early.writeBytes(copy);
    }

    @Override
    public void moved() {
      RdmapStream engine = runner.stream();
      if (engine != null) {
        engine.pollCompletions(
            (id, operation, status, bytes, detail) ->
                completions.add(Completion.of(id, operation, status, bytes, detail)),
            Integer.MAX_VALUE);
      }
    }
  }
}

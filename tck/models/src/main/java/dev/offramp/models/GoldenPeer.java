package dev.offramp.models;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.mpa.MpaFrameReader;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.spi.port.StreamPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A peer that does iWARP by the book and whatever else a script wants: the other end of a modelled
 * adapter's connection, in either role. Methods may be called by one thread that is not the loop's;
 * those that wait give up after a minute, and say what they waited for.
 */
public final class GoldenPeer implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration LINGER = Duration.ofSeconds(10);
  private static final int MAX_REGIONS = 1 << 16;
  private static final int MAX_PIECES = 8;
  private static final int PAGE_BYTES = 4096;

  private final ModelLoop loop;
  private final Arena arena = Arena.ofShared();
  private final MemoryTable memory;
  private final StreamRunner runner;
  private final BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
  private final BlockingQueue<StreamEnd> ends = new LinkedBlockingQueue<>();
  private final CountDownLatch gone = new CountDownLatch(1);

  // Guarded by this.
  private final ByteArrayOutputStream streamed = new ByteArrayOutputStream();
  private boolean streamingOver;

  /**
   * A peer in streaming mode; {@link #enterRdma} ends that.
   *
   * @param loop its own, or the model's
   * @param clock the loop's
   * @param port its end of the TCP connection
   */
  public GoldenPeer(ModelLoop loop, LongSupplier clock, StreamPort port) {
    this.loop = loop;
    this.memory = new MemoryTable(new SplittableRandom(port.hashCode()), MAX_REGIONS);
    this.runner = new StreamRunner(port, loop, clock, LINGER.toNanos(), new Events());
    loop.run(runner::start);
  }

  // ---- streaming mode

  /** Sends bytes in streaming mode. */
  public void stream(byte[] bytes) {
    loop.run(() -> runner.send(ByteBuffer.wrap(bytes)));
  }

  /** Waits until {@code count} bytes have come in streaming mode, and returns all there are. */
  public byte[] awaitStreamed(int count) {
    await(count + " bytes in streaming mode", () -> streamed.size() >= count || streamingOver);
    synchronized (this) {
      return streamed.toByteArray();
    }
  }

  /**
   * An Initiator's next step: waits for the Responder's Reply, behind {@code skip} other bytes of
   * the streaming mode.
   *
   * @throws IllegalStateException when something else comes
   */
  public MpaFrame awaitReply(int skip) {
    byte[] head = awaitStreamed(skip + MpaFrame.HEADER_BYTES);
    MpaFrameReader reader = new MpaFrameReader(true);
    int have = head.length;
    ByteBuffer bytes = ByteBuffer.wrap(head, Math.min(skip, have), Math.max(have - skip, 0));
    while (reader.receive(bytes) == MpaFrameReader.Verdict.NEED_MORE) {
      byte[] more = awaitStreamed(have + 1);
      if (more.length == have) {
        break;
      }
      bytes = ByteBuffer.wrap(more, have, more.length - have);
      have = more.length;
    }
    if (reader.verdict() != MpaFrameReader.Verdict.COMPLETE || bytes.hasRemaining()) {
      throw new IllegalStateException(
          "seen [%s %s, %d bytes behind it], expected an MPA Reply and nothing else"
              .formatted(reader.verdict(), reader.problem(), bytes.remaining()));
    }
    return reader.frame();
  }

  /** What comes and goes from now on is iWARP. */
  public void enterRdma(StreamConfig config) {
    loop.run(() -> runner.enterRdma(new RdmapStream(config, memory)));
  }

  // ---- RDMA mode

  /** Memory of this end, zeroed. */
  public Region register(long sizeBytes, Access... access) {
    return loop.call(() -> {
      var segment = arena.allocate(Math.max(sizeBytes, 1), PAGE_BYTES).asSlice(0, sizeBytes);
      return memory.register(
          engine().config().domain(), segment, segment.address(), Set.of(access));
    });
  }

  /** What to tell the other end of a region. */
  public static RemoteBuffer advertise(Region region) {
    return new RemoteBuffer(region.stag(), region.taggedOffset(), region.sizeBytes());
  }

  /** Posts a Send. */
  public void send(long id, Region from, long offset, long length) {
    post(engine -> engine.postSend(id, piece(from, offset, length), false, false, 0));
  }

  /** Posts a Send that is solicited, revokes an STag of the other end, or both. */
  public void send(long id, Region from, long offset, long length, boolean solicited, int stag) {
    post(engine -> engine.postSend(id, piece(from, offset, length), solicited, stag != 0, stag));
  }

  /** Posts a Receive. */
  public void receive(long id, Region into, long offset, long length) {
    post(engine -> engine.postReceive(id, piece(into, offset, length)));
  }

  /** Posts a Write of part of a region. */
  public void write(long id, Region from, long offset, RemoteBuffer target) {
    post(engine ->
        engine.postWrite(
            id, piece(from, offset, target.lengthBytes()), target.stag(), target.taggedOffset()));
  }

  /** Posts a Read. */
  public void read(long id, Region sink, long offset, RemoteBuffer source) {
    post(engine ->
        engine.postRead(
            id, sink, offset, source.lengthBytes(), source.stag(), source.taggedOffset()));
  }

  /** Posts whatever the engine can do. */
  public void post(Function<RdmapStream, Posted> work) {
    Posted verdict =
        loop.call(() -> {
          Posted posted = work.apply(engine());
          runner.work();
          return posted;
        });
    if (verdict != Posted.ACCEPTED) {
      throw new IllegalStateException("the golden peer could not post: " + verdict);
    }
  }

  /** The next completion, in order. */
  public Completion take() {
    return take(completions, "a completion");
  }

  /** How many completions wait. */
  public int completionCount() {
    return completions.size();
  }

  /** How the stream ended, once it has. */
  public StreamEnd awaitEnd() {
    StreamEnd end = take(ends, "the end of the stream");
    ends.add(end);
    return end;
  }

  /** Whether the stream lives. */
  public boolean isRunning() {
    return ends.isEmpty() && gone.getCount() > 0;
  }

  /** Waits until TCP is closed in both directions, or dead. */
  public void awaitGone() {
    try {
      if (!gone.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("TCP is not closed after " + PATIENCE + "; " + state());
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Looks at the engine, on the loop. */
  public <T> T ask(Function<RdmapStream, T> question) {
    return loop.call(() -> question.apply(engine()));
  }

  /** Closes in order: what is posted is done, then a FIN. */
  public void disconnect() {
    loop.run(() -> {
      engine().closeRequested();
      runner.work();
    });
  }

  // ---- what a peer should not do

  /** Ends the stream with a Terminate. */
  public void terminate(TerminateCause cause) {
    loop.run(() -> {
      engine().terminate(cause, "the script wants it");
      runner.work();
    });
  }

  /** Puts bytes into TCP past the engine, all of them. Nothing else may be on its way. */
  public void raw(byte[] bytes) {
    ByteBuffer[] one = {ByteBuffer.wrap(bytes)};
    await(
        "room in TCP",
        () -> {
          try {
            runner.port().write(one, 0, 1);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return !one[0].hasRemaining();
        });
  }

  /** Sends a FIN, whatever is under way. */
  public void fin() {
    loop.run(() -> {
      try {
        runner.port().shutdownOutput();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  /** Sends a RST. */
  public void reset() {
    loop.run(runner::reset);
  }

  /** Reads and writes nothing until {@link #goOn}. TCP itself goes on. */
  public void stall() {
    loop.run(runner::pause);
  }

  /** Ends {@link #stall}. */
  public void goOn() {
    loop.run(runner::resume);
  }

  /** Resets what is left, and gives the memory back. */
  @Override
  public void close() {
    loop.run(runner::reset);
    arena.close();
  }

  private RdmapStream engine() {
    RdmapStream engine = runner.stream();
    if (engine == null) {
      throw new IllegalStateException("the golden peer is in streaming mode");
    }
    return engine;
  }

  private static LocalBuffers piece(Region region, long offset, long length) {
    return new LocalBuffers(MAX_PIECES).add(region, offset, length);
  }

  private synchronized void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try {
      while (!condition.getAsBoolean()) {
        if (System.nanoTime() - deadline > 0) {
          throw new IllegalStateException("no " + what + " after " + PATIENCE + "; " + state());
        }
        wait(1);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private <T> T take(BlockingQueue<T> queue, String what) {
    try {
      T taken = queue.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      if (taken == null) {
        throw new IllegalStateException("no " + what + " after " + PATIENCE + "; " + state());
      }
      return taken;
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static IllegalStateException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new IllegalStateException("interrupted", e);
  }

  private String state() {
    return "the golden peer: %d completions, end %s".formatted(completions.size(), ends);
  }

  private void completed(
      long id,
      dev.offramp.api.rdma.Operation operation,
      dev.offramp.api.rdma.CompletionStatus status,
      long bytes,
      CompletionDetail detail) {
    completions.add(Completion.of(id, operation, status, bytes, detail));
  }

  private final class Events implements StreamRunner.Owner {
    @Override
    public void streamed(ByteBuffer bytes) {
      byte[] copy = new byte[bytes.remaining()];
      bytes.get(copy);
      synchronized (GoldenPeer.this) {
        streamed.writeBytes(copy);
        GoldenPeer.this.notifyAll();
      }
    }

    @Override
    public void moved() {
      @Nullable RdmapStream engine = runner.stream();
      if (engine != null) {
        engine.pollCompletions(GoldenPeer.this::completed, Integer.MAX_VALUE);
      }
    }

    @Override
    public void peerClosed() {
      finishStreaming();
    }

    @Override
    public void ended(StreamEnd end) {
      ends.add(end);
      finishStreaming();
    }

    @Override
    public void gone() {
      gone.countDown();
    }

    private void finishStreaming() {
      synchronized (GoldenPeer.this) {
        streamingOver = true;
        GoldenPeer.this.notifyAll();
      }
    }
  }
}

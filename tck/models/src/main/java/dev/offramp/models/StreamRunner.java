package dev.offramp.models;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins a TCP stream and an iWARP engine on a model's loop. The stream begins in streaming mode;
 * {@link #enterRdma} hands it to an engine, behind what was queued by {@link #send} before. All
 * methods belong to the loop's thread, and so do all calls of the {@link Owner}.
 */
public final class StreamRunner {
  /** Turns before other tasks of the loop get theirs. */
  private static final int ROUNDS = 64;

  private static final int STREAMING_BYTES = 64 << 10;

  /** What happens to the stream, told to whoever runs it. */
  public interface Owner {
    /**
     * Bytes came in streaming mode.
     *
     * @param bytes to be copied before this returns
     */
    default void streamed(ByteBuffer bytes) {}

    /**
     * Bytes have come in RDMA mode, and the engine is about to look at them: the last moment to
     * post Receives for them, and the only thing that may be done here.
     */
    default void arrived() {}

    /** Bytes have moved, or work was looked at: the engine may have completions. */
    default void moved() {}

    /** The peer's FIN has come, in either mode; in RDMA mode the engine knows. Once. */
    default void peerClosed() {}

    /**
     * Whether the FIN that the engine wants to send may go. When not, the owner calls {@link #work}
     * once it may.
     */
    default boolean mayHalfClose() {
      return true;
    }

    /**
     * Whether the Terminate that the engine wants to send may go. When not, the owner calls {@link
     * #work} once it may; what the engine sent before goes in any case.
     */
    default boolean mayTerminate() {
      return true;
    }

    /** How the stream ended. Once: with the engine's end, or in streaming mode with TCP's. */
    default void ended(StreamEnd end) {}

    /** TCP is closed in both directions, or dead: nothing more will happen. Once. */
    default void gone() {}
  }

  private final StreamPort port;
  private final EventLoop loop;
  private final LongSupplier clock;
  private final long lingerNanos;
  private final Owner owner;
  private final ByteBuffer[] one = new ByteBuffer[1];
  private final Deque<ByteBuffer> outbox = new ArrayDeque<>();

  private @Nullable RdmapStream stream;
  private @Nullable ByteBuffer streaming;
  private @Nullable TransmitBatch lastBatch;
  private boolean reading = true;
  private boolean outputFull;
  private boolean halfCloseWanted;
  private boolean halfClosed;
  private boolean peerClosed;
  private boolean endTold;
  private boolean paused;
  private boolean over;
  private boolean running;
  private boolean again;
  private EventLoop.@Nullable Timer deadline;
  private EventLoop.@Nullable Timer linger;

  /**
   * A runner for a stream that has just been activated; call {@link #start} next.
   *
   * @param port the stream
   * @param loop where all happens
   * @param clock the model's
   * @param lingerNanos how long the peer's FIN is waited for after the own one, before a RST
   * @param owner who is told
   */
  public StreamRunner(
      StreamPort port, EventLoop loop, LongSupplier clock, long lingerNanos, Owner owner) {
    this.port = port;
    this.loop = loop;
    this.clock = clock;
    this.lingerNanos = lingerNanos;
    this.owner = owner;
  }

  /** Begins to move bytes. */
  public void start() {
    port.attach(loop, (readable, writable) -> work());
    work();
  }

  /** The stream's port. */
  public StreamPort port() {
    return port;
  }

  /** The engine; null in streaming mode. */
  public @Nullable RdmapStream stream() {
    return stream;
  }

  // ---- streaming mode

  /**
   * Queues bytes of the streaming mode.
   *
   * @param bytes copied
   * @throws IllegalStateException in RDMA mode, or after {@link #halfClose}
   */
  public void send(ByteBuffer bytes) {
    if (stream != null || halfCloseWanted) {
      throw new IllegalStateException(
          stream != null ? "the stream is in RDMA mode" : "its output is closed");
    }
    ByteBuffer copy = ByteBuffer.allocateDirect(bytes.remaining());
    copy.put(bytes.duplicate()).flip();
    outbox.add(copy);
    work();
  }

  /** Whether bytes of the streaming mode have not been taken by TCP yet. */
  public boolean isStreamingPending() {
    return !outbox.isEmpty();
  }

  /** Whether bytes are read in streaming mode; they are unless said otherwise. */
  public void setReading(boolean reading) {
    this.reading = reading;
    work();
  }

  /** Sends a FIN in streaming mode, behind what is queued. */
  public void halfClose() {
    halfCloseWanted = true;
    work();
  }

  // ---- RDMA mode

  /**
   * Every byte from here on is iWARP's: of what is sent, behind what is queued; of what is
   * received, the next one.
   *
   * @param engine set up for this connection; its EMSS is the caller's business
   */
  public void enterRdma(RdmapStream engine) {
    if (stream != null) {
      throw new IllegalStateException("the stream is in RDMA mode");
    }
    stream = engine;
    streaming = null;
    if (peerClosed) {
      engine.peerClosed();
    }
    work();
  }

  /** Work was posted, or a close was requested of the engine: moves what can be moved. */
  public void work() {
    again = true;
    if (!running && !paused && !over) {
      run();
    }
  }

  // ---- the end

  /** Ends the connection by RST. */
  public void reset() {
    if (!over) {
      lose(new StreamEnd.ClosedLocally());
      port.reset();
      goneNow();
    }
  }

  /** Touches the stream no more until {@link #resume}: for a hand-back. */
  public void pause() {
    paused = true;
    if (!over) {
      port.interest(false, false);
    }
  }

  /** Goes on after {@link #pause}. */
  public void resume() {
    paused = false;
    work();
  }

  /** Lets go of a stream that lives on elsewhere. */
  public void letGo() {
    if (!over) {
      goneNow();
    }
  }

  /** Whether nothing more will happen. */
  public boolean isOver() {
    return over;
  }

  /** Whether nothing of the streaming mode and nothing of the engine is under way. */
  public boolean isQuiet() {
    RdmapStream engine = stream;
    return outbox.isEmpty() && (engine == null || engine.isQuiet()) && !peerClosed && !halfClosed;
  }

  // ---- the turns

  private void run() {
    running = true;
    try {
      for (int round = 0; again && !over && !paused; round++) {
        if (round == ROUNDS) {
          loop.execute(this::work);
          return;
        }
        again = false;
        move();
        owner.moved();
        tellEnd();
      }
    } finally {
      running = false;
    }
    if (!over && !paused) {
      port.interest(awaitsBytes(), outputFull);
    }
  }

  private boolean awaitsBytes() {
    return !peerClosed && (stream != null || reading);
  }

  private void move() {
    try {
      again |= write();
      again |= awaitsBytes() && read();
      finish();
    } catch (IOException e) {
      fail(e);
    }
  }

  private boolean write() throws IOException {
    outputFull = false;
    while (!outbox.isEmpty()) {
      one[0] = outbox.element();
      port.write(one, 0, 1);
      if (one[0].hasRemaining()) {
        outputFull = true;
        return false;
      }
      outbox.remove();
    }
    RdmapStream engine = stream;
    if (engine == null) {
      return false;
    }
    if (isHeldBack(engine)) {
      return false;
    }
    TransmitBatch batch = engine.pollTransmit(clock.getAsLong());
    lastBatch = batch;
    if (batch.isEmpty()) {
      awaitTime(engine);
      return false;
    }
    port.write(batch.buffers(), batch.offset(), batch.length());
    engine.transmitted();
    outputFull = !batch.isEmpty();
    return !outputFull;
  }

  /** Whether the next that the engine gives would be a Terminate that may not go yet. */
  private boolean isHeldBack(RdmapStream engine) {
    TransmitBatch batch = lastBatch;
    return engine.isTerminatePending()
        && (batch == null || batch.isEmpty())
        && !owner.mayTerminate();
  }

  private boolean read() throws IOException {
    RdmapStream engine = stream;
    ByteBuffer into = engine == null ? streamingBuffer() : engine.receiveBuffer();
    one[0] = into;
    long count = port.read(one, 0, 1);
    if (count == 0) {
      return false;
    }
    if (count > 0) {
      if (engine == null) {
        owner.streamed(into.flip());
      } else {
        owner.arrived();
        engine.received((int) count);
      }
      return true;
    }
    peerClosed = true;
    if (engine != null) {
      engine.peerClosed();
    }
    owner.peerClosed();
    return true;
  }

  private ByteBuffer streamingBuffer() {
    ByteBuffer known = streaming;
    if (known == null) {
      known = ByteBuffer.allocateDirect(STREAMING_BYTES);
      streaming = known;
    }
    return known.clear();
  }

  private void finish() throws IOException {
    RdmapStream engine = stream;
    boolean wanted = engine == null ? halfCloseWanted : engine.wantsHalfClose();
    if (wanted && !halfClosed && outbox.isEmpty() && owner.mayHalfClose()) {
      halfClosed = true;
      port.shutdownOutput();
      if (!peerClosed) {
        linger = loop.schedule(clock.getAsLong() + lingerNanos, this::lingered);
      }
    }
    if (halfClosed && peerClosed) {
      port.close();
      goneNow();
    }
  }

  private void lingered() {
    if (!over && !peerClosed) {
      lose(new StreamEnd.TimedOut());
      port.reset();
      goneNow();
    }
  }

  private void awaitTime(RdmapStream engine) {
    long next = engine.nextDeadlineNanos();
    if (deadline == null && next != RdmapStream.NO_DEADLINE) {
      deadline =
          loop.schedule(
              next,
              () -> {
                deadline = null;
                work();
              });
    }
  }

  private void fail(IOException e) {
    lose(
        switch (port.causeOf(e)) {
          case RESET -> new StreamEnd.Reset();
          case TIMED_OUT -> new StreamEnd.TimedOut();
          case OTHER -> new StreamEnd.Failed(String.valueOf(e.getMessage()));
        });
    port.close();
    goneNow();
  }

  /** An end that the engine has already stays. */
  private void lose(StreamEnd how) {
    RdmapStream engine = stream;
    if (engine != null) {
      engine.connectionLost(how);
      owner.moved();
      tellEnd();
    } else if (!endTold) {
      endTold = true;
      owner.ended(how);
    }
  }

  private void tellEnd() {
    RdmapStream engine = stream;
    if (engine != null && !endTold && engine.end().isPresent()) {
      endTold = true;
      owner.ended(engine.end().get());
    }
  }

  private void goneNow() {
    over = true;
    RdmapStream engine = stream;
    if (engine != null) {
      engine.releaseIdleMemory();
    }
    if (deadline != null) {
      deadline.cancel();
    }
    if (linger != null) {
      linger.cancel();
    }
    owner.gone();
  }
}

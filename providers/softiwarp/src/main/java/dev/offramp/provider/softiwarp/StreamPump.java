package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.spi.DriverContext;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes between an engine and its stream, and closes the stream when the engine is done. All
 * methods are called under the connection's lock.
 */
final class StreamPump {
  /**
   * How often one call goes round before others of the same event loop get their turn: a busy
   * connection must not starve the rest.
   */
  private static final int MAX_ROUNDS = 16;

  private final RdmapStream stream;
  private final StreamPort port;
  private final DriverContext context;
  private final EventLoop loop;
  private final long lingerNanos;
  private final Consumer<Runnable> guard;
  private final Runnable onGone;
  private final ByteBuffer[] target = new ByteBuffer[1];

  private boolean outputFull;
  private boolean halfClosed;
  private boolean peerClosed;
  private boolean over;
  private long readCalls;
  private long writeCalls;
  private EventLoop.@Nullable Timer deadline;
  private EventLoop.@Nullable Timer linger;

  /**
   * A pump for one connection.
   *
   * @param guard runs work under the connection's lock; for the event loop's thread
   * @param onGone called once, when the stream is closed for good
   */
  StreamPump(
      RdmapStream stream,
      StreamPort port,
      DriverContext context,
      long lingerNanos,
      Consumer<Runnable> guard,
      Runnable onGone) {
    this.stream = stream;
    this.port = port;
    this.context = context;
    this.loop = context.eventLoops().next();
    this.lingerNanos = lingerNanos;
    this.guard = guard;
    this.onGone = onGone;
  }

  void start() {
    stream.setEmss(port.segmentBytes());
    port.attach(loop, (readable, writable) -> guard.accept(this::advance));
    advance();
  }

  boolean isOver() {
    return over;
  }

  long readCalls() {
    return readCalls;
  }

  long writeCalls() {
    return writeCalls;
  }

  /** Ends the TCP connection at once. */
  void reset() {
    if (!over) {
      port.reset();
      gone();
    }
  }

  /** Moves bytes as far as they go without waiting, and asks to be called when they go on. */
  void advance() {
    if (over) {
      return;
    }
    try {
      boolean more = true;
      for (int round = 0; more && round < MAX_ROUNDS; round++) {
        boolean wrote = write();
        boolean read = read();
        more = wrote || read;
      }
      finish();
      if (!over) {
        await(more);
      }
    } catch (IOException e) {
      fail(e);
    }
  }

  /** Whether there was something to write and all of it went. */
  private boolean write() throws IOException {
    TransmitBatch batch = stream.pollTransmit(context.nanoTime());
    if (batch.isEmpty()) {
      outputFull = false;
      return false;
    }
    writeCalls++;
    port.write(batch.buffers(), batch.offset(), batch.length());
    stream.transmitted();
    outputFull = !batch.isEmpty();
    return !outputFull;
  }

  private boolean read() throws IOException {
    if (peerClosed) {
      return false;
    }
    ByteBuffer into = stream.receiveBuffer();
    target[0] = into;
    readCalls++;
    long count = port.read(target, 0, 1);
    if (count > 0) {
      stream.received((int) count);
      return true;
    }
    if (count < 0) {
      peerClosed = true;
      stream.peerClosed();
      return true;
    }
    return false;
  }

  private void finish() throws IOException {
    if (stream.wantsHalfClose() && !halfClosed) {
      halfClosed = true;
      port.shutdownOutput();
      if (!peerClosed) {
        // The peer has to read our Terminate before a RST could destroy it, but not for ever.
        linger =
            loop.schedule(context.nanoTime() + lingerNanos, () -> guard.accept(this::lingered));
      }
    }
    if (halfClosed && peerClosed) {
      port.close();
      gone();
    }
  }

  private void lingered() {
    if (!over) {
      if (stream.end().isEmpty()) {
        stream.connectionLost(new StreamEnd.TimedOut());
      }
      reset();
    }
  }

  private void await(boolean more) {
    if (more) {
      loop.execute(() -> guard.accept(this::advance));
      return;
    }
    port.interest(!peerClosed, outputFull);
    long next = stream.nextDeadlineNanos();
    if (next != RdmapStream.NO_DEADLINE && deadline == null) {
      deadline = loop.schedule(next, () -> guard.accept(this::deadlineReached));
    }
  }

  private void deadlineReached() {
    deadline = null;
    advance();
  }

  private void fail(IOException e) {
    stream.connectionLost(
        switch (port.causeOf(e)) {
          case RESET -> new StreamEnd.Reset();
          case TIMED_OUT -> new StreamEnd.TimedOut();
          case OTHER -> new StreamEnd.Failed(String.valueOf(e.getMessage()));
        });
    port.close();
    gone();
  }

  private void gone() {
    over = true;
    if (deadline != null) {
      deadline.cancel();
    }
    if (linger != null) {
      linger.cancel();
    }
    onGone.run();
  }
}

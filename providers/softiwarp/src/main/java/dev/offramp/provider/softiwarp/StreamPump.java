package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes between an engine and its stream, and closes the stream when the engine is done. It
 * never waits and asks nobody to come back: that is {@link Serving}'s. All methods are called under
 * the connection's lock.
 */
final class StreamPump {
  private final RdmapStream stream;
  private final StreamPort port;
  private final LongSupplier clock;
  private final long lingerNanos;
  private final Deadlines deadlines;
  private final Runnable onGone;
  private final ByteBuffer[] target = new ByteBuffer[1];

  private boolean outputFull;

  /** The last turns ended before there was nothing more to do. */
  private boolean unfinished;

  private boolean readMore;
  private boolean received;
  private boolean halfClosed;
  private boolean peerClosed;
  private boolean over;
  private long readCalls;
  private long writeCalls;
  private EventLoop.@Nullable Timer deadline;
  private EventLoop.@Nullable Timer linger;

  /** Runs work at a time of {@link System#nanoTime}, under the connection's lock. */
  @FunctionalInterface
  interface Deadlines {
    EventLoop.Timer schedule(long deadlineNanos, Runnable work);
  }

  /**
   * A pump for one connection.
   *
   * @param onGone called once, when the stream is closed for good
   */
  StreamPump(
      RdmapStream stream,
      StreamPort port,
      LongSupplier clock,
      long lingerNanos,
      Deadlines deadlines,
      Runnable onGone) {
    this.stream = stream;
    this.port = port;
    this.clock = clock;
    this.lingerNanos = lingerNanos;
    this.deadlines = deadlines;
    this.onGone = onGone;
    stream.setEmss(port.segmentBytes());
  }

  StreamPort port() {
    return port;
  }

  boolean isOver() {
    return over;
  }

  /**
   * Whether bytes wait for room in TCP's send buffer, or may do so: where all turns were used up
   * and TCP took everything there may be more to write, and no event would ever tell but room.
   */
  boolean awaitsRoom() {
    return outputFull || unfinished;
  }

  /** Whether the peer may still send. */
  boolean awaitsBytes() {
    return !peerClosed && !stream.isInputStopped();
  }

  /** Whether the last {@link #move} took bytes, or the peer's FIN, from TCP. */
  boolean hasReceived() {
    return received;
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

  /** Ends the TCP connection at once, and tells why. */
  void fail(StreamEnd how) {
    if (!over) {
      stream.connectionLost(how);
      reset();
    }
  }

  /** Writes as far as it goes: for who has just posted. What comes in is for others. */
  void transmit() {
    // Where there was no room there is a thread, or the event loop, that waits for some.
    if (!over && !outputFull) {
      try {
        while (write()) {
          // The next batch.
        }
        unfinished = false;
        finish();
      } catch (IOException e) {
        fail(e);
      }
    }
  }

  /**
   * Moves bytes both ways as far as they go without waiting, for {@code rounds} turns at most; true
   * when there may be more to move at once.
   */
  boolean move(int rounds) {
    received = false;
    if (over) {
      return false;
    }
    try {
      // A read that did not fill its buffer has taken all there was: asking again would be a system
      // call for nothing, and what comes later TCP tells about.
      readMore = true;
      boolean more = true;
      for (int round = 0; more && round < rounds; round++) {
        more = write();
        if (readMore) {
          more |= read();
        }
      }
      unfinished = more;
      finish();
      return more && !over;
    } catch (IOException e) {
      fail(e);
      return false;
    }
  }

  /** Gives memory back that only bytes on their way need. */
  void releaseIdleMemory() {
    if (!over) {
      stream.releaseIdleMemory();
    }
  }

  /** Gives memory back that is empty now, where other connections want it. */
  void yieldMemory() {
    if (!over) {
      stream.yieldMemory();
    }
  }

  /** Whether there was something to write and all of it went. */
  private boolean write() throws IOException {
    // While a message is posted or received at a time, this is where most turns end.
    if (stream.hasNothingToSend()) {
      outputFull = false;
      return false;
    }
    TransmitBatch batch = stream.pollTransmit(stream.heedsTime() ? clock.getAsLong() : 0);
    if (batch.isEmpty()) {
      outputFull = false;
      awaitTime();
      return false;
    }
    writeCalls++;
    port.write(batch.buffers(), batch.offset(), batch.length());
    stream.transmitted();
    outputFull = !batch.isEmpty();
    return !outputFull;
  }

  /** Whether something came. */
  private boolean read() throws IOException {
    readMore = false;
    if (peerClosed || stream.isInputStopped()) {
      return false;
    }
    ByteBuffer into = stream.receiveBuffer();
    int room = into.remaining();
    target[0] = into;
    readCalls++;
    long count = port.read(target, 0, 1);
    if (count > 0) {
      received = true;
      readMore = count == room;
      stream.received((int) count);
      return true;
    }
    if (count < 0) {
      received = true;
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
        linger = deadlines.schedule(clock.getAsLong() + lingerNanos, this::lingered);
      }
    }
    if (halfClosed && peerClosed) {
      port.close();
      gone();
    }
  }

  /** The stream is another owner's: nothing is closed, and nobody is told. */
  void leave() {
    over = true;
    stream.moved();
    cancelTimers();
  }

  private void lingered() {
    if (!over) {
      if (stream.end().isEmpty()) {
        stream.connectionLost(new StreamEnd.TimedOut());
      }
      reset();
    }
  }

  private void awaitTime() {
    if (deadline == null) {
      long next = stream.nextDeadlineNanos();
      if (next != RdmapStream.NO_DEADLINE) {
        deadline = deadlines.schedule(next, this::deadlineReached);
      }
    }
  }

  private void deadlineReached() {
    deadline = null;
    transmit();
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
    stream.releaseIdleMemory();
    cancelTimers();
    onGone.run();
  }

  private void cancelTimers() {
    if (deadline != null) {
      deadline.cancel();
    }
    if (linger != null) {
      linger.cancel();
    }
  }
}

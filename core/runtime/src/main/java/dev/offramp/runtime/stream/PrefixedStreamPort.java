package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A stream whose first bytes to be sent are known already: a Responder's MPA Reply. They leave
 * before anything else, with the first write or read, whichever comes first.
 */
final class PrefixedStreamPort implements StreamPort {
  private final StreamPort stream;
  private final ByteBuffer[] prefix;
  private volatile boolean prefixGone;

  /** Under the monitor. */
  private boolean finDue;

  PrefixedStreamPort(StreamPort stream, Octets prefix) {
    this.stream = stream;
    // Direct, so that the JDK does not copy it again for every attempt.
    ByteBuffer bytes = ByteBuffer.allocateDirect(prefix.length());
    bytes.put(prefix.asByteBuffer()).flip();
    this.prefix = new ByteBuffer[] {bytes};
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    pushPrefix();
    return stream.read(into, offset, length);
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    return pushPrefix() ? stream.write(from, offset, length) : 0;
  }

  @Override
  public void attach(EventLoop loop, StreamHandler handler) {
    stream.attach(loop, handler);
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    stream.interest(readable, writable || !prefixGone);
  }

  @Override
  public Optional<StreamWaiter> openWaiter() throws IOException {
    return stream.openWaiter().map(Pushing::new);
  }

  @Override
  public int segmentBytes() {
    return stream.segmentBytes();
  }

  /** A FIN ends what can be sent: it waits until the prefix has left. */
  @Override
  public void shutdownOutput() throws IOException {
    if (prefixGone) {
      stream.shutdownOutput();
    } else {
      finishPrefix(true);
    }
  }

  @Override
  public void reset() {
    stream.reset();
  }

  @Override
  public void close() {
    stream.close();
  }

  @Override
  public Failure causeOf(IOException failure) {
    return stream.causeOf(failure);
  }

  /** Whether the prefix is out. */
  private boolean pushPrefix() throws IOException {
    return prefixGone || finishPrefix(false);
  }

  private synchronized boolean finishPrefix(boolean outputEnds) throws IOException {
    finDue |= outputEnds;
    if (prefix[0].hasRemaining()) {
      stream.write(prefix, 0, 1);
    }
    if (!prefix[0].hasRemaining()) {
      prefixGone = true;
      if (finDue) {
        finDue = false;
        stream.shutdownOutput();
      }
    }
    return prefixGone;
  }

  /** Waits for room, too, while the prefix is not out. */
  private final class Pushing implements StreamWaiter {
    private final StreamWaiter waiter;

    Pushing(StreamWaiter waiter) {
      this.waiter = waiter;
    }

    @Override
    public void await(boolean readable, boolean writable, long timeoutNanos) throws IOException {
      waiter.await(readable, writable || !prefixGone, timeoutNanos);
    }

    @Override
    public void wakeup() {
      waiter.wakeup();
    }

    @Override
    public void close() {
      waiter.close();
    }
  }
}

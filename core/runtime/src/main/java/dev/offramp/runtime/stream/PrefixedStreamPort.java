package dev.offramp.runtime.stream;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A stream whose first bytes are known already. Those to be sent, a Responder's MPA Reply or FPDUs
 * of a former owner, leave before anything else, with the first write or read, whichever comes
 * first. Those received, which a former owner has taken from the socket, are read first.
 */
final class PrefixedStreamPort implements StreamPort {
  private final StreamPort stream;
  private final ByteBuffer[] prefix;
  private final ByteBuffer unread;
  private volatile boolean prefixGone;

  /** Under the monitor. */
  private boolean finDue;

  PrefixedStreamPort(StreamPort stream, Octets prefix, Octets unread) {
    this.stream = stream;
    this.unread = unread.asByteBuffer();
    this.prefixGone = prefix.isEmpty();
    // Direct, so that the JDK does not copy it again for every attempt.
    ByteBuffer bytes = ByteBuffer.allocateDirect(prefix.length());
    bytes.put(prefix.asByteBuffer()).flip();
    this.prefix = new ByteBuffer[] {bytes};
  }

  @Override
  public long read(ByteBuffer[] into, int offset, int length) throws IOException {
    pushPrefix();
    return unread.hasRemaining()
        ? readPrefix(into, offset, length)
        : stream.read(into, offset, length);
  }

  /** For one reader at a time, as reading is. */
  private long readPrefix(ByteBuffer[] into, int offset, int length) {
    int before = unread.remaining();
    for (int i = offset; i < offset + length && unread.hasRemaining(); i++) {
      int count = Math.min(into[i].remaining(), unread.remaining());
      into[i].put(unread.slice().limit(count));
      unread.position(unread.position() + count);
    }
    return (long) before - unread.remaining();
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
  public void describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    stream.describe(to);
  }

  @Override
  public boolean limitInput(int octets) throws TransferException {
    return !unread.hasRemaining() && stream.limitInput(octets);
  }

  @Override
  public void unlimitInput() {
    stream.unlimitInput();
  }

  /** What has not left, or was not read, goes along. */
  @Override
  public Departure depart(DepartureNeeds needs) throws TransferException {
    return new PrefixedDeparture(
        stream.depart(needs), Octets.copyOf(prefix[0]), Octets.copyOf(unread));
  }

  private record PrefixedDeparture(Departure stream, Octets unsent, Octets unread)
      implements Departure {
    /** TCP has none of these bytes, in either direction. */
    @Override
    public IwarpConnectionDescriptor descriptor() {
      IwarpConnectionDescriptor d = stream.descriptor();
      return d.toBuilder()
          .derived(
              DescriptorFields.UNSENT,
              d.get(DescriptorFields.UNSENT).orElse(Octets.empty()).concat(unsent),
              "unsent at TCP, then not written")
          .derived(
              DescriptorFields.UNREAD,
              unread.concat(d.get(DescriptorFields.UNREAD).orElse(Octets.empty())),
              "not taken, then unread at TCP")
          .build();
    }

    @Override
    public void steerAway() throws TransferException {
      stream.steerAway();
    }

    @Override
    public void steerBack() throws TransferException {
      stream.steerBack();
    }

    @Override
    public void release() {
      stream.release();
    }

    @Override
    public void resume() throws TransferException {
      stream.resume();
    }

    @Override
    public void close() throws TransferException {
      stream.close();
    }
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

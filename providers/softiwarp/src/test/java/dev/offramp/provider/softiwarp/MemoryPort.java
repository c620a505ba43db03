package dev.offramp.provider.softiwarp;

import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.spi.port.StreamWaiter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A byte stream within one process, whose capacity and events the test decides on. */
final class MemoryPort implements StreamPort {
  private final ByteBuffer incoming = ByteBuffer.allocate(4 << 20);
  private @Nullable MemoryPort other;
  private @Nullable StreamHandler handler;
  private volatile @Nullable MemoryWaiter waiter;
  private int roomBytes = Integer.MAX_VALUE;
  private boolean finReceived;
  private boolean resetReceived;
  private boolean interestedInRoom;

  /** Threads can wait for this stream; without this only an event loop could. */
  void letThreadsWait() {
    waiter = new MemoryWaiter(this);
  }

  /** Joins two ends. */
  static void join(MemoryPort one, MemoryPort two) {
    one.other = two;
    two.other = one;
  }

  /** How many bytes this end can still write. */
  void setRoom(int bytes) {
    synchronized (this) {
      roomBytes = bytes;
    }
    changed();
  }

  /** Whether the last {@link #interest} was in room, too. */
  boolean isInterestedInRoom() {
    return interestedInRoom;
  }

  synchronized boolean isWritable() {
    return roomBytes > 0;
  }

  boolean isReadable() {
    synchronized (incoming) {
      return incoming.position() > 0 || finReceived || resetReceived;
    }
  }

  /** The waiter of this end, for tests that want to see somebody wait. */
  MemoryWaiter waiter() {
    return Objects.requireNonNull(waiter);
  }

  private void changed() {
    MemoryWaiter known = waiter;
    if (known != null) {
      known.look();
    }
  }

  /** What an event loop would do. */
  void fire() {
    StreamHandler attached = handler;
    if (attached != null) {
      attached.ready(true, true);
    }
  }

  @Override
  public synchronized long read(ByteBuffer[] into, int offset, int length) throws IOException {
    if (resetReceived) {
      throw new IOException("Connection reset by peer");
    }
    synchronized (incoming) {
      incoming.flip();
      int count = Math.min(incoming.remaining(), into[offset].remaining());
      for (int i = 0; i < count; i++) {
        into[offset].put(incoming.get());
      }
      incoming.compact();
      return count == 0 && finReceived ? -1 : count;
    }
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) {
    long written = put(from, offset, length);
    tellOther();
    return written;
  }

  private synchronized long put(ByteBuffer[] from, int offset, int length) {
    MemoryPort to = other;
    long written = 0;
    for (int i = offset; to != null && i < offset + length; i++) {
      synchronized (to.incoming) {
        while (from[i].hasRemaining() && roomBytes > 0 && to.incoming.hasRemaining()) {
          to.incoming.put(from[i].get());
          roomBytes--;
          written++;
        }
      }
    }
    return written;
  }

  @Override
  public void attach(EventLoop loop, StreamHandler newHandler) {
    handler = newHandler;
  }

  @Override
  public void interest(boolean readable, boolean writable) {
    interestedInRoom = writable;
  }

  @Override
  public Optional<StreamWaiter> openWaiter() {
    return Optional.ofNullable(waiter);
  }

  private void tellOther() {
    MemoryPort to = other;
    if (to != null) {
      to.changed();
    }
  }

  @Override
  public int segmentBytes() {
    return 1460;
  }

  @Override
  public void shutdownOutput() {
    if (other != null) {
      other.finReceived = true;
    }
    tellOther();
  }

  @Override
  public void reset() {
    if (other != null) {
      other.resetReceived = true;
    }
    tellOther();
  }

  @Override
  public void close() {
    shutdownOutput();
  }

  @Override
  public Failure causeOf(IOException failure) {
    return Failure.RESET;
  }
}

package dev.offramp.provider.softiwarp;

import dev.offramp.spi.port.EventLoop;
import dev.offramp.spi.port.StreamHandler;
import dev.offramp.spi.port.StreamPort;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** A byte stream within one process, whose capacity and events the test decides on. */
final class MemoryPort implements StreamPort {
  private final ByteBuffer incoming = ByteBuffer.allocate(4 << 20);
  private @Nullable MemoryPort other;
  private @Nullable StreamHandler handler;
  private int roomBytes = Integer.MAX_VALUE;
  private boolean finReceived;
  private boolean resetReceived;

  /** Joins two ends. */
  static void join(MemoryPort one, MemoryPort two) {
    one.other = two;
    two.other = one;
  }

  /** How many bytes this end can still write. */
  synchronized void setRoom(int bytes) {
    roomBytes = bytes;
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
  public synchronized long write(ByteBuffer[] from, int offset, int length) {
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
  public void interest(boolean readable, boolean writable) {}

  @Override
  public int segmentBytes() {
    return 1460;
  }

  @Override
  public void shutdownOutput() {
    if (other != null) {
      other.finReceived = true;
    }
  }

  @Override
  public void reset() {
    if (other != null) {
      other.resetReceived = true;
    }
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

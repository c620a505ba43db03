package dev.offramp.runtime.migrate;

import dev.offramp.runtime.migrate.MigrationException.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A channel on which nothing takes longer than allowed. For one thread at a time. */
final class DeadlineChannel implements Wire {
  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private final long timeoutNanos;

  /**
   * A channel.
   *
   * @param channel becomes non-blocking, and this object's
   * @param timeout for each message
   */
  DeadlineChannel(SocketChannel channel, Duration timeout) throws IOException {
    this.channel = channel;
    this.timeoutNanos = timeout.toNanos();
    this.selector = channel.provider().openSelector();
    try {
      channel.configureBlocking(false);
      this.key = channel.register(selector, 0);
    } catch (IOException | RuntimeException e) {
      selector.close();
      throw e;
    }
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    long start = System.nanoTime();
    try {
      while (bytes.hasRemaining()) {
        if (channel.write(bytes) == 0) {
          await(SelectionKey.OP_WRITE, start);
        }
      }
    } catch (MigrationException e) {
      throw e;
    } catch (IOException e) {
      throw new MigrationException(Reason.CLOSED, "the other process has gone", e);
    }
  }

  @Override
  public ByteBuffer read(int count, boolean begun) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    long start = System.nanoTime();
    while (bytes.hasRemaining()) {
      int read;
      try {
        read = channel.read(bytes);
      } catch (IOException e) {
        throw new MigrationException(Reason.CLOSED, "the other process has gone", e);
      }
      if (read < 0) {
        throw begun || bytes.position() > 0
            ? new MigrationException(
                Reason.TRUNCATED,
                "seen [" + bytes.position() + "] bytes, expected " + count + "; send it again")
            : new MigrationException(Reason.CLOSED, "the other process has ended the exchange");
      }
      if (read == 0) {
        await(SelectionKey.OP_READ, start);
      }
    }
    return bytes.flip();
  }

  private void await(int operation, long start) throws IOException {
    long left = timeoutNanos - (System.nanoTime() - start);
    if (left <= 0 || Thread.currentThread().isInterrupted()) {
      throw new MigrationException(
          Reason.TIMED_OUT,
          "nothing for " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms, or interrupted");
    }
    key.interestOps(operation);
    selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(left)));
    selector.selectedKeys().clear();
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }
}

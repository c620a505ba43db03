package dev.offramp.runtime.mpa;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;

/**
 * Writes with a time limit, which sockets have for reads only: a peer that does not read must not
 * hold start-up for ever (RFC 5044, section 7.1.2, rule 10).
 *
 * @param channel a blocking channel; it is blocking again afterwards
 * @param deadlineNanos on the clock of {@link System#nanoTime}
 */
record TimedWrite(SocketChannel channel, long deadlineNanos) {
  /** Whether all of {@code bytes} was written in time. */
  boolean write(ByteBuffer bytes) throws IOException {
    channel.configureBlocking(false);
    try {
      channel.write(bytes);
      return !bytes.hasRemaining() || waitAndWrite(bytes);
    } finally {
      if (channel.isOpen()) {
        channel.configureBlocking(true);
      }
    }
  }

  private boolean waitAndWrite(ByteBuffer bytes) throws IOException {
    // Closing the selector ends the registration, without which the channel could not block again.
    try (Selector selector = Selector.open()) {
      channel.register(selector, SelectionKey.OP_WRITE);
      while (bytes.hasRemaining()) {
        long leftNanos = deadlineNanos - System.nanoTime();
        if (leftNanos <= 0) {
          return false;
        }
        // Rounded up: 0 would mean to wait for ever.
        selector.select(TimeUnit.NANOSECONDS.toMillis(leftNanos) + 1);
        selector.selectedKeys().clear();
        if (Thread.currentThread().isInterrupted()) {
          // A blocking write would close the channel and say so.
          channel.close();
          throw new ClosedByInterruptException();
        }
        channel.write(bytes);
      }
      return true;
    }
  }
}

package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;

/** Moving small amounts of data, and waiting for conditions. */
final class Bytes {
  private static final long DEADLINE_NANOS = Duration.ofSeconds(60).toNanos();

  private Bytes() {}

  static void write(ByteChannel to, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  static String read(ByteChannel from, int length) throws IOException {
    return new String(readBytes(from, length), StandardCharsets.US_ASCII);
  }

  static byte[] readBytes(ByteChannel from, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (from.read(bytes) < 0) {
        throw new EOFException("after " + bytes.position() + " of " + length);
      }
    }
    return bytes.array();
  }

  /** Data passes both ways. */
  static void assertConnected(ByteChannel near, ByteChannel far) throws IOException {
    write(near, "ping");
    assertThat(read(far, 4)).isEqualTo("ping");
    write(far, "pong!");
    assertThat(read(near, 5)).isEqualTo("pong!");
  }

  static void awaitUnread(HostStack stack, SocketChannel channel, long bytes) throws Exception {
    await(() -> stack.profile(channel).unreadBytes() >= bytes);
  }

  /** Polls a condition. The deadline only ends a test that has failed. */
  static void await(Callable<Boolean> condition) throws Exception {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.call()) {
      assertThat(System.nanoTime() - deadline).as("condition not met in time").isNegative();
      Thread.onSpinWait();
    }
  }
}

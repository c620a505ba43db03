package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** One direction of a connection, with bytes that can be checked against those written. */
final class Exchange {
  private static final int CHUNK_BYTES = 4096;

  private final Random written;
  private final Random checked;
  private long writtenBytes;
  private long checkedBytes;
  private byte[] refused = new byte[0];

  Exchange(long seed) {
    written = new Random(seed);
    checked = new Random(seed);
  }

  private static byte[] next(Random random, int bytes) {
    byte[] next = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      next[i] = (byte) random.nextInt();
    }
    return next;
  }

  /** Writes until the channel takes no more, or {@code bytes} are written. */
  void writeWhatFits(SocketChannel to, int bytes) throws IOException {
    to.configureBlocking(false);
    for (int done = 0; done < bytes && refused.length == 0; done += CHUNK_BYTES) {
      byte[] chunk = next(written, CHUNK_BYTES);
      int taken = to.write(ByteBuffer.wrap(chunk));
      writtenBytes += taken;
      refused = Arrays.copyOfRange(chunk, taken, chunk.length);
    }
    to.configureBlocking(true);
  }

  /** Writes what was refused before, and {@code bytes} more. */
  void write(SocketChannel to, int bytes) throws IOException {
    for (byte[] chunk : List.of(refused, next(written, bytes))) {
      ByteBuffer buffer = ByteBuffer.wrap(chunk);
      while (buffer.hasRemaining()) {
        to.write(buffer);
      }
      writtenBytes += chunk.length;
    }
    refused = new byte[0];
  }

  /** Reads and checks. */
  void check(SocketChannel from, int bytes) throws IOException {
    byte[] expected = next(checked, bytes);
    byte[] seen = Bytes.readBytes(from, bytes);
    assertThat(Arrays.mismatch(seen, expected))
        .as("first wrong byte after " + checkedBytes)
        .isEqualTo(-1);
    checkedBytes += bytes;
  }

  /** What is under way, and will be once {@code more} are written. */
  private int dueBytes(int more) {
    return Math.toIntExact(writtenBytes + refused.length + more - checkedBytes);
  }

  /** Writes {@code bytes} more in both directions, and checks all that is due. */
  static void complete(SocketChannel near, SocketChannel far, Exchange out, Exchange in, int bytes)
      throws Exception {
    int outDue = out.dueBytes(bytes);
    int inDue = in.dueBytes(bytes);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      List<Future<?>> tasks =
          List.of(
              start(threads, () -> out.write(near, bytes)),
              start(threads, () -> in.write(far, bytes)),
              start(threads, () -> out.check(far, outDue)),
              start(threads, () -> in.check(near, inDue)));
      for (Future<?> task : tasks) {
        task.get();
      }
    }
  }

  private static Future<?> start(ExecutorService threads, Action action) {
    return threads.submit(() -> {
      action.run();
      return action;
    });
  }

  private interface Action {
    void run() throws IOException;
  }
}

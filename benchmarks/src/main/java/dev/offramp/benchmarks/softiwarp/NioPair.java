package dev.offramp.benchmarks.softiwarp;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The baseline: the same bytes in the same portions over a channel, copied nowhere. */
final class NioPair implements AutoCloseable {
  /** As much as softiwarp reads at once. */
  static final int READ_BYTES = 256 << 10;

  private final Link link;
  private final TwoThreads threads;

  NioPair(TwoThreads threads) throws IOException {
    this.threads = threads;
    this.link = Link.open();
  }

  /**
   * {@code count} writes of {@code bytes}; the far end reads all and says so with one byte.
   *
   * @param readBytes room that each read has
   */
  long stream(int bytes, long count, int readBytes) throws Exception {
    Ring source = new Ring(bytes);
    Ring sink = new Ring(readBytes);
    ByteBuffer done = ByteBuffer.allocateDirect(1);
    return threads.run(
        () -> {
          for (long i = 0; i < count; i++) {
            writeAll(link.near(), source.next());
          }
          readAll(link.near(), done);
        },
        () -> {
          // Always the same room: no read is short only because the one before left little.
          for (long left = count * bytes; left > 0; ) {
            left -= read(link.far(), sink.next());
          }
          writeAll(link.far(), ByteBuffer.allocateDirect(1));
        });
  }

  /**
   * As many round trips of {@code bytes} as there is room for their times.
   *
   * @param blocking whether both ends wait in the kernel, or ask again and again
   */
  long pingPong(int bytes, long[] tripNanos, boolean blocking) throws Exception {
    link.near().configureBlocking(blocking);
    link.far().configureBlocking(blocking);
    try {
      return threads.run(() -> ping(bytes, tripNanos), () -> pong(bytes, tripNanos.length));
    } finally {
      link.near().configureBlocking(true);
      link.far().configureBlocking(true);
    }
  }

  private void ping(int bytes, long[] tripNanos) throws IOException {
    ByteBuffer message = ByteBuffer.allocateDirect(bytes);
    long last = System.nanoTime();
    for (int i = 0; i < tripNanos.length; i++) {
      writeAll(link.near(), message.clear());
      readAll(link.near(), message.clear());
      long now = System.nanoTime();
      tripNanos[i] = now - last;
      last = now;
    }
  }

  private void pong(int bytes, int count) throws IOException {
    ByteBuffer message = ByteBuffer.allocateDirect(bytes);
    for (int i = 0; i < count; i++) {
      readAll(link.far(), message.clear());
      writeAll(link.far(), message.clear());
    }
  }

  /**
   * Messages of {@code bytes} behind a length word, put into a buffer one by one and written {@code
   * batch} at a time; the far end takes them out of its stream one by one and hands each on.
   */
  long messages(int bytes, int count, int batch) throws Exception {
    return threads.run(
        () -> {
          ByteBuffer message = ByteBuffer.allocateDirect(bytes);
          ByteBuffer out = ByteBuffer.allocateDirect(batch * (Integer.BYTES + bytes));
          for (int i = 1; i <= count; i++) {
            out.putInt(bytes).put(message.clear());
            if (i % batch == 0 || i == count) {
              writeAll(link.near(), out.flip());
              out.clear();
            }
          }
          readAll(link.near(), ByteBuffer.allocateDirect(1));
        },
        () -> {
          Consumer consumer = new Consumer(bytes);
          ByteBuffer in = ByteBuffer.allocateDirect(READ_BYTES);
          while (consumer.messages < count) {
            read(link.far(), in);
            in.flip();
            unframe(in, consumer);
            in.compact();
          }
          writeAll(link.far(), ByteBuffer.allocateDirect(1));
        });
  }

  private static void unframe(ByteBuffer in, Consumer consumer) {
    while (in.remaining() >= Integer.BYTES) {
      int length = in.getInt(in.position());
      if (in.remaining() < Integer.BYTES + length) {
        return;
      }
      in.position(in.position() + Integer.BYTES);
      consumer.accept(in, length);
      in.position(in.position() + length);
    }
  }

  /** Gets each message in a buffer of its own, as a Receive does. */
  private static final class Consumer {
    private final ByteBuffer buffer;
    private int messages;

    Consumer(int bytes) {
      buffer = ByteBuffer.allocateDirect(bytes);
    }

    void accept(ByteBuffer in, int length) {
      buffer.put(0, in, in.position(), length);
      messages++;
    }
  }

  private static void writeAll(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (to.write(bytes) == 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static void readAll(SocketChannel from, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      if (read(from, bytes) == 0) {
        Thread.onSpinWait();
      }
    }
  }

  private static int read(SocketChannel from, ByteBuffer into) throws IOException {
    int count = from.read(into);
    if (count < 0) {
      throw new EOFException("the peer closed");
    }
    return count;
  }

  @Override
  public void close() throws IOException {
    link.close();
  }
}

package dev.offramp.benchmarks.dataplane;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The baseline: the same bytes in the same portions over a blocking channel, copied nowhere. */
final class NioWork implements AutoCloseable {
  private final Link link;
  private final TwoThreads threads;

  NioWork(TwoThreads threads) throws IOException {
    this.threads = threads;
    this.link = Link.open();
  }

  /** {@code count} writes of {@code bytes}; the far end reads all and says so with one byte. */
  long stream(int bytes, long count) throws Exception {
    return threads.run(
        () -> {
          ByteBuffer message = ByteBuffer.allocateDirect(bytes);
          for (long i = 0; i < count; i++) {
            writeAll(link.near(), message.clear());
          }
          readAll(link.near(), ByteBuffer.allocateDirect(1));
        },
        () -> {
          ByteBuffer message = ByteBuffer.allocateDirect(bytes);
          for (long left = count * bytes; left > 0; ) {
            message.clear().limit((int) Math.min(left, bytes));
            left -= read(link.far(), message);
          }
          writeAll(link.far(), ByteBuffer.allocateDirect(1));
        });
  }

  /** {@code count} round trips of {@code bytes}. */
  long pingPong(int bytes, int count) throws Exception {
    return threads.run(
        () -> {
          ByteBuffer message = ByteBuffer.allocateDirect(bytes);
          for (int i = 0; i < count; i++) {
            writeAll(link.near(), message.clear());
            readAll(link.near(), message.clear());
          }
        },
        () -> {
          ByteBuffer message = ByteBuffer.allocateDirect(bytes);
          for (int i = 0; i < count; i++) {
            readAll(link.far(), message.clear());
            writeAll(link.far(), message.clear());
          }
        });
  }

  /**
   * Messages of {@code bytes} behind a length word, put into a buffer one by one and written {@code
   * batch} at a time; the far end takes them out of its stream one by one.
   */
  long messages(int bytes, int count, int batch) throws Exception {
    return threads.run(
        () -> {
          byte[] message = new byte[bytes];
          ByteBuffer out = ByteBuffer.allocateDirect(batch * (Integer.BYTES + bytes));
          for (int i = 1; i <= count; i++) {
            out.putInt(bytes).put(message);
            if (i % batch == 0 || i == count) {
              writeAll(link.near(), out.flip());
              out.clear();
            }
          }
          readAll(link.near(), ByteBuffer.allocateDirect(1));
        },
        () -> {
          byte[] message = new byte[bytes];
          ByteBuffer in = ByteBuffer.allocateDirect(1 << 18);
          int done = 0;
          while (done < count) {
            read(link.far(), in);
            in.flip();
            while (in.remaining() >= Integer.BYTES
                && in.remaining() >= Integer.BYTES + in.getInt(in.position())) {
              in.get(message, 0, in.getInt());
              done++;
            }
            in.compact();
          }
          writeAll(link.far(), ByteBuffer.allocateDirect(1));
        });
  }

  private static void writeAll(SocketChannel to, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  private static void readAll(SocketChannel from, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      read(from, bytes);
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

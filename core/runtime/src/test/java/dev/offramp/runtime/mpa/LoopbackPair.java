package dev.offramp.runtime.mpa;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/**
 * Both ends of a real TCP connection; the far one is a peer that speaks byte by byte.
 *
 * @param near the end under test
 * @param far the scripted one
 */
record LoopbackPair(SocketChannel near, SocketChannel far) implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 30;
  private static final int PLAIN_BYTES = 1 << 20;

  static LoopbackPair open() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel near = SocketChannel.open(listener.getLocalAddress());
      return new LoopbackPair(near, listener.accept());
    }
  }

  void send(byte[]... parts) throws IOException {
    for (byte[] part : parts) {
      ByteBuffer bytes = ByteBuffer.wrap(part);
      while (bytes.hasRemaining()) {
        far.write(bytes);
      }
    }
  }

  byte[] hear(int count) throws IOException {
    return read(far, count);
  }

  /** Ends the connection by RST. */
  void reset() throws IOException {
    far.setOption(StandardSocketOptions.SO_LINGER, 0);
    far.close();
  }

  /** Whether nothing more comes: FIN or RST. */
  boolean isOverAtPeer() throws IOException {
    ByteBuffer sink = ByteBuffer.allocate(4096);
    try {
      while (far.read(sink.clear()) >= 0) {
        // What was sent before the end is of no interest.
      }
    } catch (IOException reset) {
      return true;
    }
    return true;
  }

  /** Whether 1 MiB each way at once arrives as it was sent, on the plain connection. */
  boolean carriesPlainData() throws Exception {
    boolean wasBlocking = near.isBlocking();
    near.configureBlocking(true);
    FutureTask<Boolean> farSends = start(() -> write(far, pattern(1)));
    FutureTask<Boolean> nearSends = start(() -> write(near, pattern(2)));
    FutureTask<byte[]> atFar = start(() -> read(far, PLAIN_BYTES));
    byte[] atNear = read(near, PLAIN_BYTES);
    boolean intact =
        java.util.Arrays.equals(atNear, pattern(1))
            && java.util.Arrays.equals(join(atFar), pattern(2))
            && join(farSends)
            && join(nearSends);
    near.configureBlocking(wasBlocking);
    return intact;
  }

  static <T> FutureTask<T> start(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread.ofVirtual().start(task);
    return task;
  }

  static <T> T join(FutureTask<T> task) throws Exception {
    return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static byte[] read(SocketChannel from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      if (from.read(bytes) < 0) {
        throw new EOFException("after " + bytes.position() + " of " + count + " bytes");
      }
    }
    return bytes.array();
  }

  private static boolean write(SocketChannel to, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      to.write(left);
    }
    return true;
  }

  private static byte[] pattern(long seed) {
    byte[] bytes = new byte[PLAIN_BYTES];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }
}

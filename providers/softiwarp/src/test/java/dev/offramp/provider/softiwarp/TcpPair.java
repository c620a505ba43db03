package dev.offramp.provider.softiwarp;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Both ends of a plain TCP connection. */
record TcpPair(SocketChannel near, SocketChannel far) implements AutoCloseable {
  private static final long PATIENCE_SECONDS = 60;

  /** Over the loopback. */
  static TcpPair open() throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      SocketChannel near = SocketChannel.open(listener.getLocalAddress());
      return new TcpPair(near, listener.accept());
    }
  }

  /** Whether bytes each way at once arrive as they were sent; both channels in blocking mode. */
  boolean carriesPlainData(int count) throws Exception {
    FutureTask<Boolean> farSends = start(() -> write(far, bytes(1, count)));
    FutureTask<Boolean> nearSends = start(() -> write(near, bytes(2, count)));
    FutureTask<byte[]> atFar = start(() -> read(far, count));
    return Arrays.equals(read(near, count), bytes(1, count))
        && Arrays.equals(join(atFar), bytes(2, count))
        && join(farSends)
        && join(nearSends);
  }

  static <T> FutureTask<T> start(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread.ofPlatform().daemon(true).start(task);
    return task;
  }

  static <T> T join(FutureTask<T> task) throws Exception {
    return task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  static byte[] bytes(long seed, int count) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
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

  static boolean write(SocketChannel to, byte[] bytes) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      to.write(left);
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
  }
}

package dev.offramp.benchmarks.posting;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** What posting is held against in the same run, batch for batch; the median batch counts. */
final class Yardsticks implements AutoCloseable {
  private static final int BYTES = 64;

  /** Drivers have many rows to get compiled in, a copy has one. */
  private static final int WARMUP_TURNS = 100;

  private final Path directory = Files.createTempDirectory("posting");
  private final SocketChannel near;
  private final SocketChannel far;
  private final ByteBuffer out = ByteBuffer.allocateDirect(BYTES);
  private final ByteBuffer in = ByteBuffer.allocateDirect(Batches.SIZE * BYTES);
  private final MemorySegment from = Arena.ofAuto().allocate(BYTES, BYTES);
  private final MemorySegment ring = Arena.ofAuto().allocate(Batches.SIZE * BYTES, BYTES);
  private final long[] nanos;

  Yardsticks(int batches) throws IOException {
    nanos = new long[batches];
    UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(address);
      near = SocketChannel.open(address);
      far = server.accept();
    }
    for (int i = 0; i < WARMUP_TURNS; i++) {
      copy();
    }
  }

  /** Nanoseconds of one system call that writes 64 bytes to a Unix socket which takes them. */
  double[] write() throws IOException {
    for (int batch = 0; batch < nanos.length; batch++) {
      long begin = System.nanoTime();
      for (int i = 0; i < Batches.SIZE; i++) {
        near.write(out.clear());
      }
      nanos[batch] = System.nanoTime() - begin;
      for (in.clear(); in.hasRemaining(); ) {
        if (far.read(in) < 0) {
          throw new IOException(
              "seen the end of the stream, expected " + in.remaining() + " bytes");
        }
      }
    }
    return median();
  }

  /** Nanoseconds of a copy of 64 bytes, which is a short work request's size, into a ring. */
  double[] copy() {
    for (int batch = 0; batch < nanos.length; batch++) {
      long begin = System.nanoTime();
      for (int i = 0; i < Batches.SIZE; i++) {
        MemorySegment.copy(from, 0, ring, (long) i * BYTES, BYTES);
      }
      nanos[batch] = System.nanoTime() - begin;
    }
    return median();
  }

  private double[] median() {
    Arrays.sort(nanos);
    return new double[] {(double) nanos[nanos.length / 2] / Batches.SIZE};
  }

  @Override
  public void close() throws IOException {
    near.close();
    far.close();
    Files.deleteIfExists(directory.resolve("s"));
    Files.delete(directory);
  }
}

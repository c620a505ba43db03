package dev.offramp.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.transfer.Departure;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Freezes a connection over and over while data flows through it both ways at full speed. */
class FreezeCyclesIT {
  private static final long STREAM_BYTES = 512L << 20;
  private static final int MIN_CYCLES = 1000;
  private static final long LOOK_NANOS = 20_000;
  private static final int CHUNK_BYTES = 1 << 16;

  /** A fifth more cycles than asked for fit into both streams. */
  private static final long CHUNKS_PER_CYCLE =
      2 * STREAM_BYTES / CHUNK_BYTES * 5 / (6 * MIN_CYCLES);

  /** Ends a stream instead of FIN, so that the connection stays whole to the last cycle. */
  private static final byte[] END = new byte[CHUNK_BYTES];

  @ParameterizedTest
  @EnumSource(TcpPair.Family.class)
  void noByteIsLostAndNoSnapshotIsInconsistent(TcpPair.Family family) throws Exception {
    try (TestNamespace namespace = new TestNamespace();
        TcpPair pair = TcpPair.open(namespace, family);
        ExecutorService threads = Executors.newCachedThreadPool()) {
      HostStack stack = HostStack.create(HostOptions.defaults().withNamespace(namespace));
      GatedChannel near = stack.gate(pair.near());
      Progress progress = new Progress();
      Future<byte[]> nearSent = threads.submit(() -> send(near, 1));
      Future<byte[]> farSent = threads.submit(() -> send(pair.far(), 2));
      Future<byte[]> nearRead = threads.submit(() -> receive(near, progress));
      Future<byte[]> farRead = threads.submit(() -> receive(pair.far(), progress));
      long frozenNanos = 0;
      long queuedBytes = 0;
      int cycles = 0;
      while (!farRead.isDone() || !nearRead.isDone()) {
        // Spread over the whole stream: without traffic in between, cycles would prove little.
        if (progress.chunks.get() < cycles * CHUNKS_PER_CYCLE) {
          LockSupport.parkNanos(LOOK_NANOS);
          continue;
        }
        long start = System.nanoTime();
        try (Departure departure = stack.depart(near)) {
          ConnectionQueues queues = ConnectionQueues.of(departure.descriptor());
          queuedBytes += queues.outgoingBytes() + queues.unread().length();
        }
        frozenNanos += System.nanoTime() - start;
        cycles++;
      }
      assertThat(farRead.get()).isEqualTo(nearSent.get());
      assertThat(nearRead.get()).isEqualTo(farSent.get());
      assertThat(cycles).isGreaterThanOrEqualTo(MIN_CYCLES);
      System.out.printf(
          "%s: %d cycles, %.1f us and %d queued bytes each%n",
          family, cycles, frozenNanos / 1e3 / cycles, queuedBytes / cycles);
    }
  }

  /** What has been received, by both ends together. */
  private static final class Progress {
    final AtomicLong chunks = new AtomicLong();
  }

  private static byte[] send(ByteChannel to, long seed) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    Random random = new Random(seed);
    byte[] chunk = new byte[CHUNK_BYTES];
    for (long sent = 0; sent < STREAM_BYTES; sent += chunk.length) {
      random.nextBytes(chunk);
      digest.update(chunk);
      ByteBuffer bytes = ByteBuffer.wrap(chunk);
      while (bytes.hasRemaining()) {
        to.write(bytes);
      }
    }
    ByteBuffer end = ByteBuffer.wrap(END);
    while (end.hasRemaining()) {
      to.write(end);
    }
    return digest.digest();
  }

  private static byte[] receive(ByteChannel from, Progress progress) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    while (true) {
      byte[] chunk = Bytes.readBytes(from, CHUNK_BYTES);
      progress.chunks.incrementAndGet();
      if (Arrays.equals(chunk, END)) {
        return digest.digest();
      }
      digest.update(chunk);
    }
  }
}

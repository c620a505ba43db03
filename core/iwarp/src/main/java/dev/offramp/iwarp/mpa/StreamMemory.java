package dev.offramp.iwarp.mpa;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Memory for bytes on their way between TCP and the application's regions, shared by all streams of
 * one RNIC. A stream borrows while it has bytes and gives back when it has none, so that ten
 * thousand idle streams hold nothing. What is given back is kept for the next, up to {@value
 * #MAX_IDLE_BYTES} bytes, and left to the garbage collector beyond that. Safe for use by several
 * threads; allocates nothing while what was given back suffices.
 */
public final class StreamMemory {
  private static final long MAX_IDLE_BYTES = 16L << 20;
  private static final int MIN_CLASS_BITS = 9;

  /** So many streams may keep a receive buffer between two reads; it saves them the lock. */
  private static final int FEW_STAGINGS = 4;

  /** What an unfinished FPDU is kept in until more of it comes: 512 bytes to 128 KiB. */
  private static final int CLASSES = 9;

  private final int stagingBytes;
  private final List<ArrayDeque<Staging>> remainders = new ArrayList<>();
  private final ArrayDeque<Staging> stagings = new ArrayDeque<>();
  private final ArrayDeque<TransmitBatch.Storage> storages = new ArrayDeque<>();
  private long idleBytes;

  /** Receive buffers that streams have. Written under the monitor. */
  private volatile int lentStagings;

  /**
   * Memory for receive buffers of {@code stagingBytes}.
   *
   * @throws IllegalArgumentException when they could not take the longest FPDU
   */
  public StreamMemory(int stagingBytes) {
    if (stagingBytes < FpduDecoder.MIN_STAGING_BYTES) {
      throw new IllegalArgumentException(
          "staging buffer of ["
              + stagingBytes
              + "] bytes, at least "
              + FpduDecoder.MIN_STAGING_BYTES);
    }
    this.stagingBytes = stagingBytes;
    for (int i = 0; i < CLASSES; i++) {
      remainders.add(new ArrayDeque<>());
    }
  }

  /** Bytes that are kept and lent to nobody. */
  public synchronized long idleBytes() {
    return idleBytes;
  }

  /**
   * Whether so many streams have receive buffers that each should give its own back as soon as it
   * is empty: the next stream then reads into memory that is still in the processor's cache.
   */
  public boolean isInDemand() {
    return lentStagings > FEW_STAGINGS;
  }

  int stagingBytes() {
    return stagingBytes;
  }

  /** A receive buffer. */
  Staging takeStaging() {
    Staging kept;
    synchronized (this) {
      kept = poll(stagings);
      lentStagings++;
    }
    return kept != null ? kept : new Staging(stagingBytes);
  }

  /** A buffer for the beginning of an FPDU, of {@code bytes} or somewhat more. */
  Staging takeRemainder(int bytes) {
    int index = classOf(bytes);
    Staging kept = poll(remainders.get(index));
    return kept != null ? kept : new Staging(1 << (MIN_CLASS_BITS + index));
  }

  synchronized void giveBack(Staging staging) {
    int bytes = staging.bytes.capacity();
    if (bytes == stagingBytes) {
      lentStagings--;
    }
    if (idleBytes + bytes <= MAX_IDLE_BYTES) {
      idleBytes += bytes;
      (bytes == stagingBytes ? stagings : remainders.get(classOf(bytes))).push(staging);
    }
  }

  synchronized TransmitBatch.Storage takeStorage() {
    TransmitBatch.Storage kept = storages.poll();
    if (kept == null) {
      return new TransmitBatch.Storage();
    }
    idleBytes -= kept.bytes();
    return kept;
  }

  synchronized void giveBack(TransmitBatch.Storage storage) {
    if (idleBytes + storage.bytes() <= MAX_IDLE_BYTES) {
      idleBytes += storage.bytes();
      storages.push(storage);
    }
  }

  private synchronized @org.jspecify.annotations.Nullable Staging poll(ArrayDeque<Staging> from) {
    Staging kept = from.poll();
    if (kept != null) {
      idleBytes -= kept.bytes.capacity();
    }
    return kept;
  }

  private static int classOf(int bytes) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(bytes, 1) - 1);
    return Math.max(bits - MIN_CLASS_BITS, 0);
  }

  /** One buffer, and the views of it that a decoder needs. */
  static final class Staging {
    /** What a decoder has that has borrowed nothing. */
    static final Staging NONE = new Staging(0);

    final ByteBuffer bytes;
    final ByteBuffer window;

    /** What checksums are made over. */
    final ByteBuffer summed;

    final MemorySegment segment;

    Staging(int size) {
      bytes = ByteBuffer.allocateDirect(size);
      window = bytes.duplicate();
      summed = bytes.duplicate();
      segment = MemorySegment.ofBuffer(bytes.duplicate());
    }
  }
}

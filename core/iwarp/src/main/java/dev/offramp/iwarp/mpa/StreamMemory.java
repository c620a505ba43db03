package dev.offramp.iwarp.mpa;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Memory for bytes on their way between TCP and the application's regions, shared by all streams of
 * one RNIC. A stream borrows while it has bytes and gives back when it has none, so that ten
 * thousand idle streams hold nothing. What is given back is kept for the next, up to {@value
 * #MAX_IDLE_BYTES} bytes. Beyond that the kind of which most lies idle goes first, and of it what
 * has lain longest: what is used now stays, whatever was needed before. Safe for use by several
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
  private final List<Shelf<Staging>> remainders = new ArrayList<>();
  private final Shelf<Staging> stagings = new Shelf<>();
  private final Shelf<TransmitBatch.Storage> storages = new Shelf<>();
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
      remainders.add(new Shelf<>());
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
      kept = take(stagings);
      lentStagings++;
    }
    return kept != null ? kept : new Staging(stagingBytes);
  }

  /** A buffer for the beginning of an FPDU, of {@code bytes} or somewhat more. */
  Staging takeRemainder(int bytes) {
    int index = classOf(bytes);
    Staging kept = take(remainders.get(index));
    return kept != null ? kept : new Staging(1 << (MIN_CLASS_BITS + index));
  }

  synchronized void giveBack(Staging staging) {
    int bytes = staging.bytes();
    if (bytes == stagingBytes) {
      lentStagings--;
      keep(stagings, staging);
    } else {
      keep(remainders.get(classOf(bytes)), staging);
    }
  }

  TransmitBatch.Storage takeStorage() {
    TransmitBatch.Storage kept = take(storages);
    return kept != null ? kept : new TransmitBatch.Storage();
  }

  synchronized void giveBack(TransmitBatch.Storage storage) {
    keep(storages, storage);
  }

  private synchronized <T extends Shelf.Kept> @Nullable T take(Shelf<T> from) {
    T kept = from.take();
    if (kept != null) {
      idleBytes -= kept.bytes();
    }
    return kept;
  }

  private synchronized <T extends Shelf.Kept> void keep(Shelf<T> on, T item) {
    on.put(item);
    idleBytes += item.bytes();
    while (idleBytes > MAX_IDLE_BYTES) {
      idleBytes -= fullest().dropColdest();
    }
  }

  private Shelf<?> fullest() {
    Shelf<?> fullest = storages.bytes() > stagings.bytes() ? storages : stagings;
    for (int i = 0; i < CLASSES; i++) {
      Shelf<?> other = remainders.get(i);
      fullest = other.bytes() > fullest.bytes() ? other : fullest;
    }
    return fullest;
  }

  private static int classOf(int bytes) {
    int bits = Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(bytes, 1) - 1);
    return Math.max(bits - MIN_CLASS_BITS, 0);
  }

  /** One buffer, and the views of it that a decoder needs. */
  static final class Staging implements Shelf.Kept {
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

    @Override
    public int bytes() {
      return bytes.capacity();
    }
  }
}

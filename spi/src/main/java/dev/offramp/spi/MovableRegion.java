package dev.offramp.spi;

import dev.offramp.api.rdma.MemoryRegion;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apiguardian.api.API;

/**
 * A region as an application has it: it stays the same object while the connection moves from owner
 * to owner, so that work requests which name it can be posted again and again. Made by the runtime.
 *
 * <p>A driver finds its own region behind that of a buffer with {@link #atOwner(MemoryRegion)}.
 * Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class MovableRegion implements MemoryRegion {
  private final int stag;
  private final long taggedOffset;
  private final MemorySegment segment;
  private final Runnable moveOver;
  private final Runnable release;
  private final AtomicReference<MemoryRegion> current;
  private final AtomicInteger moves = new AtomicInteger();
  private final AtomicBoolean released = new AtomicBoolean();

  /**
   * A region.
   *
   * @param current what its owner made
   * @param moveOver waits until the connection is at its next owner and {@link #moved} was called,
   *     or is lost
   * @param release run once, after the first close
   */
  public MovableRegion(MemoryRegion current, Runnable moveOver, Runnable release) {
    this(current, current.segment(), moveOver, release);
  }

  /**
   * The same for a region whose owner may not know its memory, since the STag was revoked before.
   *
   * @param segment its memory
   */
  public MovableRegion(
      MemoryRegion current, MemorySegment segment, Runnable moveOver, Runnable release) {
    this.stag = current.stag();
    this.taggedOffset = current.taggedOffset();
    this.segment = segment;
    this.current = new AtomicReference<>(current);
    this.moveOver = moveOver;
    this.release = release;
  }

  /** What the present owner made of {@code region}; itself when it is the owner's own. */
  public static MemoryRegion atOwner(MemoryRegion region) {
    return region instanceof MovableRegion movable ? movable.current.get() : region;
  }

  /** The connection is at another owner now, where this region is {@code region}. */
  public void moved(MemoryRegion region) {
    if (region.stag() != stag || region.sizeBytes() != segment.byteSize()) {
      throw new IllegalArgumentException(
          "a region with STag [%08x] of %d bytes for STag [%08x] of %d"
              .formatted(region.stag(), region.sizeBytes(), stag, segment.byteSize()));
    }
    current.set(region);
    moves.incrementAndGet();
  }

  @Override
  public int stag() {
    return stag;
  }

  @Override
  public long taggedOffset() {
    return taggedOffset;
  }

  @Override
  public long sizeBytes() {
    return segment.byteSize();
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public boolean isValid() {
    return current.get().isValid();
  }

  /** {@inheritDoc} Waits for a move under way, and closes the region at the new owner then. */
  @Override
  public void close() {
    int before;
    do {
      before = moves.get();
      close(current.get());
    } while (before != moves.get());
    if (released.compareAndSet(false, true)) {
      release.run();
    }
  }

  private void close(MemoryRegion region) {
    try {
      region.close();
    } catch (ConnectionMovedException e) {
      // Closed at the next owner by the caller; where there is none, it is gone with this one.
      moveOver.run();
    }
  }

  @Override
  public String toString() {
    return "STag [%08x], %d bytes".formatted(stag, segment.byteSize());
  }
}

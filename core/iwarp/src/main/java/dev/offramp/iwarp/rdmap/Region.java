package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Access;
import dev.offramp.iwarp.mpa.PayloadMemory;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Memory under an STag: exactly one range, for one protection domain, until it is invalidated (RFC
 * 5041, section 8.2).
 *
 * <p>{@link #isValid}, {@link #isBusy} and {@link #invalidate} may be used by any thread; the rest
 * belongs to the thread, or lock, of the domain's streams.
 */
public final class Region implements PayloadMemory {
  /**
   * ByteBuffer cannot hold more than 2 GiB. Windows start at multiples of this and reach beyond the
   * next start, so that no FPDU's payload is ever cut.
   */
  private static final long WINDOW_SPACING = 1L << 30;

  private static final long WINDOW_BYTES = WINDOW_SPACING + (1L << 20);

  private final int stag;
  private final int domain;
  private final long taggedOffset;
  private final MemorySegment segment;
  private final long sizeBytes;
  private final Set<Access> access;
  private final boolean remoteRead;
  private final boolean remoteWrite;
  private final boolean remoteAtomic;
  private final boolean remoteInvalidate;
  private final @Nullable ViewPool[] windows;

  private volatile boolean valid = true;
  private volatile int lent;

  /** The next region in the same bucket of the table. */
  volatile @Nullable Region next;

  Region(int stag, int domain, long taggedOffset, MemorySegment segment, Set<Access> access) {
    this.stag = stag;
    this.domain = domain;
    this.taggedOffset = taggedOffset;
    this.segment = segment;
    this.sizeBytes = segment.byteSize();
    this.access = Set.copyOf(access);
    this.remoteRead = access.contains(Access.REMOTE_READ);
    this.remoteWrite = access.contains(Access.REMOTE_WRITE);
    this.remoteAtomic = access.contains(Access.REMOTE_ATOMIC);
    this.remoteInvalidate = access.contains(Access.REMOTE_INVALIDATE);
    this.windows = new @Nullable ViewPool[(int) (segment.byteSize() / WINDOW_SPACING) + 1];
  }

  public int stag() {
    return stag;
  }

  /** The protection domain: streams of another one cannot use the STag. */
  public int domain() {
    return domain;
  }

  /** The tagged offset of the first byte. */
  public long taggedOffset() {
    return taggedOffset;
  }

  public long sizeBytes() {
    return sizeBytes;
  }

  public MemorySegment segment() {
    return segment;
  }

  /** What a peer may do. */
  public Set<Access> access() {
    return access;
  }

  /** Whether the STag may still be used. */
  public boolean isValid() {
    return valid;
  }

  /** Whether bytes of this memory are on their way to TCP: it must stay allocated. */
  public boolean isBusy() {
    return lent != 0;
  }

  /** Revokes the STag. What is already on its way to TCP still goes there. Idempotent. */
  public void invalidate() {
    valid = false;
  }

  boolean mayRead() {
    return remoteRead;
  }

  boolean mayWrite() {
    return remoteWrite;
  }

  boolean mayAtomic() {
    return remoteAtomic;
  }

  boolean mayInvalidate() {
    return remoteInvalidate;
  }

  boolean isWritable() {
    return !segment.isReadOnly();
  }

  /** Where a tagged offset lies in the segment; outside 0..size when it is out of bounds. */
  long offsetOf(long to) {
    return to - taggedOffset;
  }

  boolean covers(long to, long length) {
    long offset = offsetOf(to);
    return offset >= 0 && offset <= sizeBytes() && length <= sizeBytes() - offset;
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // written by the domain's thread only
  public ByteBuffer lend(long offset, int length) {
    int index = (int) (offset / WINDOW_SPACING);
    ViewPool pool = windows[index];
    if (pool == null) {
      long start = index * WINDOW_SPACING;
      long size = Math.min(WINDOW_BYTES, segment.byteSize() - start);
      pool = new ViewPool(segment.asSlice(start, size).asByteBuffer());
      windows[index] = pool;
    }
    lent = lent + 1;
    return pool.take((int) (offset - index * WINDOW_SPACING), length);
  }

  @Override
  public void copy(long offset, MemorySegment target, long at, int length) {
    MemorySegment.copy(segment, offset, target, at, length);
  }

  @Override
  @SuppressWarnings("NonAtomicVolatileUpdate") // written by the domain's thread only
  public void takeBack(ByteBuffer view, long offset) {
    ViewPool pool = windows[(int) (offset / WINDOW_SPACING)];
    if (pool != null) {
      pool.giveBack(view);
      lent = lent - 1;
    }
  }

  @Override
  public String toString() {
    return "region of " + segment.byteSize() + " bytes at tagged offset " + taggedOffset;
  }
}

package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.spi.port.DmaMapping;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Memory that the device knows under an STag. */
final class IntelRegion implements MemoryRegion {
  private final IntelConnection connection;
  private final MemorySegment segment;
  private final long sizeBytes;
  private final int stag;
  private final long taggedOffset;
  private final EnumSet<Access> access;
  private final @Nullable DmaMapping mapping;
  private final Runnable release;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean valid = true;

  /**
   * The number of the last request in the send queue that names it; see {@link WorkLog}. Under the
   * connection's lock.
   */
  private long lastUse;

  /**
   * A region of a connection.
   *
   * @param sizeBytes of the segment, or of the one that a revoked region had
   * @param mapping what makes it reachable for the device; null when it has no bytes
   * @param release frees the memory, where this region owns it
   */
  IntelRegion(
      IntelConnection connection,
      MemorySegment segment,
      long sizeBytes,
      int stag,
      long taggedOffset,
      Set<Access> access,
      @Nullable DmaMapping mapping,
      Runnable release) {
    this.connection = connection;
    this.segment = segment;
    this.sizeBytes = sizeBytes;
    this.stag = stag;
    this.taggedOffset = taggedOffset;
    this.access = EnumSet.noneOf(Access.class);
    this.access.addAll(access);
    this.mapping = mapping;
    this.release = release;
  }

  /** One that was revoked before its connection moved here: its memory is never touched. */
  static IntelRegion revoked(IntelConnection connection, RegisteredMemory was) {
    IntelRegion region =
        new IntelRegion(
            connection,
            MemorySegment.NULL,
            was.sizeBytes(),
            was.stag(),
            was.taggedOffset(),
            was.access(),
            null,
            () -> {});
    region.invalidate();
    return region;
  }

  boolean belongsTo(IntelConnection other) {
    return connection == other;
  }

  /** Whether the peer may place bytes here, and so a Read's sink may be. */
  boolean isRemotelyWritable() {
    return access.contains(Access.REMOTE_WRITE);
  }

  boolean isWritable() {
    return !segment.isReadOnly();
  }

  /** Whether the device knows it: it knows none without bytes. */
  boolean isOnDevice() {
    return mapping != null;
  }

  void invalidate() {
    valid = false;
  }

  /** Whether nobody has closed it before. */
  boolean beginClose() {
    return closed.compareAndSet(false, true);
  }

  boolean isClosed() {
    return closed.get();
  }

  void usedBy(long request) {
    lastUse = request;
  }

  long lastUse() {
    return lastUse;
  }

  /** For the next owner. */
  RegisteredMemory describe() {
    return new RegisteredMemory(stag, taggedOffset, sizeBytes, access, valid);
  }

  /** The device no longer reaches the memory. */
  void unmap() {
    if (mapping != null) {
      mapping.close();
    }
  }

  /** Frees the memory; only when the device no longer uses it. */
  void release() {
    release.run();
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
    return sizeBytes;
  }

  @Override
  public MemorySegment segment() {
    return segment;
  }

  @Override
  public boolean isValid() {
    return valid;
  }

  @Override
  public void close() {
    connection.regions().deregister(this);
  }
}

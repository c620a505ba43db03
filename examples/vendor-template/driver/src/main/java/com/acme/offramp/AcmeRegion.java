package com.acme.offramp;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.spi.port.DmaMapping;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/** Memory with an STag of the adapter's. */
final class AcmeRegion implements MemoryRegion {
  /**
   * No address of the host's leaves it. Not 0, so that an offset just before a region is one, and
   * does not wrap at 2^64.
   */
  static final long TAGGED_OFFSET = 0x1_0000;

  private final Regions regions;
  private final int stag;
  private final MemorySegment segment;
  private final Set<Access> access;
  private final DmaMapping mapping;
  private final Runnable release;
  private final AtomicBoolean atAdapter = new AtomicBoolean(true);
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile boolean valid = true;

  /**
   * A region that the adapter knows.
   *
   * @param release frees the memory, where the region owns it
   */
  AcmeRegion(
      Regions regions,
      int stag,
      MemorySegment segment,
      Set<Access> access,
      DmaMapping mapping,
      Runnable release) {
    this.regions = regions;
    this.stag = stag;
    this.segment = segment;
    this.access = access;
    this.mapping = mapping;
    this.release = release;
  }

  boolean belongsTo(AcmeConnection connection) {
    return regions.areOf(connection);
  }

  boolean allows(Access what) {
    return access.contains(what);
  }

  /** The peer has revoked the STag. */
  void invalidate() {
    valid = false;
  }

  /** Takes it from the adapter; the memory stays. */
  void detach() {
    if (atAdapter.compareAndSet(true, false)) {
      valid = false;
      regions.deregister(this);
      mapping.close();
    }
  }

  @Override
  public int stag() {
    return stag;
  }

  @Override
  public long taggedOffset() {
    return TAGGED_OFFSET;
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
    return valid;
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      detach();
      release.run();
    }
  }
}

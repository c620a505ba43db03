package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.iwarp.rdmap.Region;
import java.lang.foreign.MemorySegment;

/** A registered region as its application sees it. */
final class SoftRegion implements MemoryRegion {
  private final SoftConnection connection;
  private final Region region;
  private final Runnable release;

  /**
   * A region of a connection.
   *
   * @param release frees the memory, where this region owns it
   */
  SoftRegion(SoftConnection connection, Region region, Runnable release) {
    this.connection = connection;
    this.region = region;
    this.release = release;
  }

  Region region() {
    return region;
  }

  boolean belongsTo(SoftConnection other) {
    return connection == other;
  }

  /** Frees the memory; only when the stream no longer uses it. */
  void release() {
    release.run();
  }

  @Override
  public int stag() {
    return region.stag();
  }

  @Override
  public long taggedOffset() {
    return region.taggedOffset();
  }

  @Override
  public long sizeBytes() {
    return region.sizeBytes();
  }

  @Override
  public MemorySegment segment() {
    return region.segment();
  }

  @Override
  public boolean isValid() {
    return region.isValid();
  }

  @Override
  public void close() {
    connection.deregister(this);
  }
}

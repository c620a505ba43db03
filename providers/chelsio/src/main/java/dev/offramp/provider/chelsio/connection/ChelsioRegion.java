package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import java.lang.foreign.MemorySegment;

/**
 * A registered region. Its tagged offsets are the adapter's addresses of the memory: an entry of
 * the TPT needs both to agree within a page.
 */
final class ChelsioRegion implements MemoryRegion {
  private final ChelsioConnection connection;
  private final MemorySegment segment;
  private final int stag;
  private final long taggedOffset;
  private final boolean remoteWrite;
  private final RegionMemory memory;
  private volatile boolean valid = true;

  private boolean revoked;

  /** The last request of the send queue that names it; under the connection's lock. */
  private long lastUse;

  /**
   * A region that the adapter knows.
   *
   * @param remoteWrite whether the peer may place into it
   * @param memory what has to be given back
   */
  ChelsioRegion(
      ChelsioConnection connection,
      MemorySegment segment,
      int stag,
      long taggedOffset,
      boolean remoteWrite,
      RegionMemory memory) {
    this.connection = connection;
    this.segment = segment;
    this.stag = stag;
    this.taggedOffset = taggedOffset;
    this.remoteWrite = remoteWrite;
    this.memory = memory;
  }

  boolean belongsTo(ChelsioConnection other) {
    return connection == other;
  }

  boolean allowsRemoteWrite() {
    return remoteWrite;
  }

  RegionMemory memory() {
    return memory;
  }

  /** Adds part of it to the list of a request. */
  void addTo(RiWorkRequest request, long offset, long length) {
    request.buffer(stag, (int) length, taggedOffset + offset);
  }

  void use(long ordinal) {
    lastUse = ordinal;
  }

  long lastUse() {
    return lastUse;
  }

  /** Its STag means nothing any more. */
  void invalidate() {
    valid = false;
  }

  /** A request that has been posted will invalidate it. */
  void revoke() {
    revoked = true;
  }

  /** Whether what is posted now can use it. Under the connection's lock. */
  boolean isUsable() {
    return valid && !revoked;
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
    return valid;
  }

  @Override
  public void close() {
    connection.deregister(this);
  }
}

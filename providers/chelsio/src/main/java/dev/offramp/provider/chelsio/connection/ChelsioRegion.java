package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.RnicException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A registered region. The tagged offsets of one that is registered here are the adapter's
 * addresses of the memory: an entry of the TPT needs both to agree within a page. One that has come
 * with its connection keeps what the peer knows.
 */
final class ChelsioRegion implements MemoryRegion {
  private final ChelsioConnection connection;
  private final MemorySegment segment;
  private final long sizeBytes;
  private final int stag;
  private final long taggedOffset;
  private final EnumSet<Access> access;
  private final @Nullable RegionMemory memory;
  private volatile boolean valid;

  private boolean revoked;

  /** The last request of the send queue that names it; under the connection's lock. */
  private long lastUse;

  /**
   * A region that the adapter knows.
   *
   * @param access what the peer may do
   * @param memory what has to be given back
   */
  ChelsioRegion(
      ChelsioConnection connection,
      MemorySegment segment,
      int stag,
      long taggedOffset,
      Set<Access> access,
      RegionMemory memory) {
    this(connection, segment, segment.byteSize(), stag, taggedOffset, access, memory);
  }

  private ChelsioRegion(
      ChelsioConnection connection,
      MemorySegment segment,
      long sizeBytes,
      int stag,
      long taggedOffset,
      Set<Access> access,
      @Nullable RegionMemory memory) {
    this.connection = connection;
    this.segment = segment;
    this.sizeBytes = sizeBytes;
    this.stag = stag;
    this.taggedOffset = taggedOffset;
    this.access = EnumSet.noneOf(Access.class);
    this.access.addAll(access);
    this.memory = memory;
    this.valid = memory != null;
  }

  /** One that was revoked before its connection came: remembered, for work may name it. */
  static ChelsioRegion revoked(ChelsioConnection connection, RegisteredMemory was) {
    return new ChelsioRegion(
        connection,
        MemorySegment.NULL,
        was.sizeBytes(),
        was.stag(),
        was.taggedOffset(),
        was.access(),
        null);
  }

  boolean belongsTo(ChelsioConnection other) {
    return connection == other;
  }

  boolean allowsRemoteWrite() {
    return access.contains(Access.REMOTE_WRITE);
  }

  /**
   * Has the adapter forget it.
   *
   * @throws RnicException when that is not confirmed
   */
  void revoke() throws RnicException {
    if (memory != null) {
      memory.revoke();
    }
  }

  /** Whether its bytes are not the application's own. */
  boolean ownsBytes() {
    return memory != null && memory.ownsBytes();
  }

  /** The application needs its bytes no more. */
  void release() {
    if (memory != null) {
      memory.release();
    }
  }

  /** For the next owner. */
  RegisteredMemory describe() {
    return new RegisteredMemory(stag, taggedOffset, sizeBytes, access, valid);
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
  void markInvalidated() {
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

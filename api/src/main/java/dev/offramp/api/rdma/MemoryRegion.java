package dev.offramp.api.rdma;

import java.lang.foreign.MemorySegment;
import org.apiguardian.api.API;

/**
 * Memory that operations may use, under an STag of its own (RFC 5041, section 8.2). The STag is
 * valid on the connection that registered it, for exactly this range, until {@link #close}.
 *
 * <p>The memory must stay allocated until {@link #close} has returned. Safe for use by several
 * threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface MemoryRegion extends AutoCloseable {
  /** The STag that the peer names. */
  int stag();

  /** The tagged offset of the first byte. */
  long taggedOffset();

  long sizeBytes();

  /** The memory itself. */
  MemorySegment segment();

  /** Part of the region, for use in a work request. */
  default LocalBuffer slice(long offsetBytes, long lengthBytes) {
    return new LocalBuffer(this, offsetBytes, lengthBytes);
  }

  /** The whole region, for use in a work request. */
  default LocalBuffer whole() {
    return slice(0, sizeBytes());
  }

  /** What a peer has to be told in order to reach the whole region. */
  default RemoteBuffer advertise() {
    return new RemoteBuffer(stag(), taggedOffset(), sizeBytes());
  }

  /** Whether the STag is still valid; a peer's or a local invalidation revokes it. */
  boolean isValid();

  /**
   * Revokes the STag and waits until nothing uses the memory any more. Work requests that name it
   * and have not started complete with {@link CompletionStatus#INVALID_REGION}. Idempotent.
   */
  @Override
  void close();
}

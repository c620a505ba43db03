package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Operation;
import org.jspecify.annotations.Nullable;

/**
 * Read and Atomic Requests that this end has sent and the peer has not answered, oldest first:
 * responses come in the order of the requests (RFC 5040, section 5.2.2; RFC 7306, section 5.2).
 */
final class OutboundReads {
  private final SendRequest[] ring;
  private final SendRequest readyToReceive;
  private final int limit;
  private long oldest;
  private long end;

  /**
   * An empty list.
   *
   * @param limit the ORD in force: never exceeded
   */
  OutboundReads(int limit) {
    this.limit = limit;
    this.readyToReceive = new SendRequest(1);
    this.ring = new SendRequest[limit + 1];
  }

  boolean isFull() {
    return end - oldest >= limit;
  }

  boolean isEmpty() {
    return oldest == end;
  }

  void add(SendRequest request) {
    ring[(int) (end++ % ring.length)] = request;
  }

  /** Adds the zero-length Read that is an Initiator's ready-to-receive indication. */
  void addReadyToReceive() {
    readyToReceive.reset(0, Operation.READ);
    add(readyToReceive);
  }

  /** Whether the indication was a Read that the peer has not answered. */
  boolean isReadyToReceiveAwaited() {
    return oldest() == readyToReceive;
  }

  /** The oldest; null when nothing is outstanding. */
  @Nullable SendRequest oldest() {
    return isEmpty() ? null : ring[(int) (oldest % ring.length)];
  }

  void removeOldest() {
    oldest++;
  }
}

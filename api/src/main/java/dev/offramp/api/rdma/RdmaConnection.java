package dev.offramp.api.rdma;

import dev.offramp.api.mpa.MpaResult;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * An iWARP stream that carries RDMA. Safe for use by several threads; work requests posted by one
 * thread start in its order.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface RdmaConnection extends AutoCloseable {
  InetSocketAddress localAddress();

  InetSocketAddress remoteAddress();

  /** Who speaks TCP and iWARP for this connection: {@code softiwarp}. */
  String ownerName();

  /** What MPA start-up agreed. */
  MpaResult mpa();

  /** What the owner can do beyond the operations of RFC 5040. */
  Set<Operation> operations();

  /**
   * Registers memory with this connection.
   *
   * @param segment native memory; it must stay allocated until the region is closed
   * @throws IllegalArgumentException when the segment is on the Java heap or read-only
   */
  MemoryRegion register(MemorySegment segment, Access... access);

  /** Allocates zeroed memory that lives as long as its region, and registers it. */
  MemoryRegion allocate(long sizeBytes, Access... access);

  /**
   * Queues work.
   *
   * <p>The memory that the request names belongs to the RNIC until the request's completion has
   * been polled. It may be read, or written, at any moment until then and more than once, and a
   * checksum may have been made over it before it goes out (CRC32c, RFC 5044, section 4.4). Memory
   * of a Send or Write that is changed in between reaches the peer as it was, as it is, or with a
   * CRC that does not fit: then the peer ends the stream. The same holds for what a peer may read
   * (RFC 5040, section 5.2) for as long as its Read can be under way. The request itself is copied,
   * and may be posted again at once.
   *
   * @throws WorkQueueFullException when the queue is full; poll completions and try again
   * @throws ConnectionClosedException when the stream has ended
   * @throws UnsupportedOperationException when the owner does not offer this operation
   * @throws IllegalArgumentException when a buffer is of another connection, too long or too short
   */
  void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException;

  /**
   * Queues several requests in their order, up to the first that the queue has no room for. An
   * owner can start them together: small messages then share a segment.
   *
   * @return how many were queued, from the front of the list; fewer than all when the queue is full
   * @throws ConnectionClosedException when the stream has ended; none of the rest was queued
   * @throws UnsupportedOperationException when the owner does not offer an operation; those before
   *     it were queued
   * @throws IllegalArgumentException when a buffer is wrong; those before it were queued
   */
  default int post(List<? extends WorkRequest> requests) throws ConnectionClosedException {
    int queued = 0;
    try {
      for (; queued < requests.size(); queued++) {
        post(requests.get(queued));
      }
    } catch (WorkQueueFullException full) {
      return queued;
    }
    return queued;
  }

  /** The completions of all posted work. */
  CompletionQueue completions();

  /**
   * What this connection did so far; also after its end. An owner that does not count says zero.
   */
  default RdmaCounters counters() {
    return RdmaCounters.ZERO;
  }

  /** How the stream ended; empty while it lives. */
  Optional<StreamEnd> end();

  /**
   * Ends the stream in order: finishes posted work other than Receives, closes this direction, and
   * waits for the peer to close its own. Returns how it ended.
   */
  StreamEnd disconnect() throws InterruptedException;

  /** Ends the stream at once: TCP reset, posted work flushed. Idempotent. */
  void abort();

  /**
   * Disconnects, waits for the peer for a limited time, aborts when that was not enough, and
   * releases all; regions become invalid. Idempotent.
   */
  @Override
  void close();
}

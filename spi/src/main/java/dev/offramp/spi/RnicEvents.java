package dev.offramp.spi;

import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import java.util.Set;
import org.apiguardian.api.API;

/**
 * What a driver tells the runtime while connections live, for Flight Recorder and the log: rare
 * events, never one per packet. Methods return at once and never throw; they may be called with the
 * driver's locks held, by any thread.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface RnicEvents {
  /** Nobody listens. */
  RnicEvents NONE = new RnicEvents() {};

  /**
   * The device is about to go, or is gone: its connections should be moved while it can still give
   * them up. May be told more than once. The runtime departs them as always; a device that cannot
   * do that any more refuses it.
   *
   * @param reason what was seen, for people: {@code adapter reports a fatal error 0x40}
   */
  default void failing(String reason) {}

  /** A stream has ended; a Terminate, sent or received, is part of {@code end}. Once each. */
  default void ended(RdmaConnection connection, StreamEnd end) {}

  /**
   * Completions that nobody polled kept work from being posted, and now some were polled.
   *
   * @param connection whose completions
   * @param nanos from the first work that was refused until the poll
   */
  default void stalled(RdmaConnection connection, long nanos) {}

  /** Memory got an STag. */
  default void registered(RdmaConnection connection, MemoryRegion region, Set<Access> access) {}

  /** An STag is gone, and nothing uses the memory any more. */
  default void deregistered(RdmaConnection connection, MemoryRegion region) {}
}

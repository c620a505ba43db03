package dev.offramp.api.failover;

import org.apiguardian.api.API;

/**
 * Told how a failover goes on. Called by the thread that carries it out, one call at a time; what
 * it throws is logged and does no harm.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface FailoverListener {
  /** Nobody listens. */
  FailoverListener NONE = new FailoverListener() {};

  /**
   * A batch is over.
   *
   * @param rnic which RNIC is left
   * @param moved connections that are at another RNIC by now
   * @param failed those that could not be moved
   * @param left those whose turn has not come
   */
  default void progress(String rnic, int moved, int failed, int left) {}

  /** A failover is over, one that an RNIC itself asked for included. */
  default void finished(FailoverReport report) {}
}

package dev.offramp.api.transfer;

import org.apiguardian.api.API;

/**
 * A connection that is ready at its new owner, and silent. For one thread at a time.
 *
 * @param <C> what the new owner calls a connection
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Arrival<C> extends AutoCloseable {
  /**
   * Lets the new owner speak. To be called right after {@link Departure#release}. Cannot fail: an
   * owner that finds its connection dead at this instant returns it, and reports the death there.
   *
   * @throws IllegalStateException when already activated or abandoned
   */
  C activate();

  /**
   * Undoes the preparation without a word to the peer. Idempotent; nothing after activation. After
   * one that threw, which a correct owner's does not, it ends what is left of the connection: by
   * then nobody else can.
   */
  void abandon();

  /** Abandons unless activated. */
  @Override
  default void close() {
    abandon();
  }
}

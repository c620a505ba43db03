package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import org.apiguardian.api.API;

/**
 * A connection that has been stopped at its old owner, and described. For one thread at a time. Not
 * closing it leaves the connection frozen: use try-with-resources.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Departure extends AutoCloseable {
  /** The state at the instant of the stop. The old owner no longer changes it. */
  IwarpConnectionDescriptor descriptor();

  /**
   * Leads the peer's segments away, so that they reach whoever holds the 4-tuple now. To be called
   * when the new owner's {@link Arrival} does, and before {@link #release}. For owners that
   * nobody's segments are led to it does nothing.
   *
   * @throws TransferException when they cannot be led away, or not wholly: {@link #steerBack} is to
   *     be called in any case
   * @throws IllegalStateException when already released or resumed
   */
  default void steerAway() throws TransferException {}

  /**
   * Leads the peer's segments back, wholly or half led away as they are. To be called before the
   * {@link Arrival} is abandoned: a segment that met nobody in between would be answered by RST.
   * Does nothing when they were never led away; {@link #resume} calls it where nobody has.
   *
   * @throws TransferException when they cannot be led back; the connection stays stopped
   */
  default void steerBack() throws TransferException {}

  /**
   * Gives the connection up without a word to the peer: no FIN, no RST. There is no way back. To be
   * called only once the new owner's {@link Arrival} holds the 4-tuple. Cannot fail.
   *
   * @throws IllegalStateException when already released or resumed
   */
  void release();

  /**
   * Lets the connection go on at its old owner, as though nothing had happened; what the peer sent
   * meanwhile is recovered by TCP's retransmission.
   *
   * @throws TransferException when the operating system refuses; the message says what remains
   * @throws IllegalStateException when already released
   */
  void resume() throws TransferException;

  /** Resumes the connection unless it was released. Idempotent. */
  @Override
  void close() throws TransferException;
}

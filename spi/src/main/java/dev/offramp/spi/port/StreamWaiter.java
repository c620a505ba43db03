package dev.offramp.spi.port;

import java.io.IOException;
import org.apiguardian.api.API;

/**
 * Waits in the kernel for one stream on the calling thread, without a hop through an event loop.
 * One thread waits at a time; {@link #wakeup} and {@link #close} are for any thread. Suits virtual
 * threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface StreamWaiter extends AutoCloseable {
  /**
   * Waits until one of the conditions holds, or {@link #wakeup} or {@link #close} is called, or was
   * since the last wait, or the thread is interrupted (which stays noted), or the time is over. May
   * come back without a reason.
   *
   * @param readable whether to come back when there is something to read, a FIN or RST included
   * @param writable whether to come back when there is room to write
   * @param timeoutNanos how long at most; rounded up to what the kernel's timers can do
   * @throws IOException when the kernel refuses; the stream itself may be well
   */
  void await(boolean readable, boolean writable, long timeoutNanos) throws IOException;

  /** Ends the wait under way, or the next one at once. */
  void wakeup();

  /** Gives back what the kernel holds for this, and ends a wait under way. Idempotent. */
  @Override
  void close();
}

package dev.offramp.linux;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * Whether a departure first waits until the peer has acknowledged all that was written: for new
 * owners that cannot take unacknowledged or unsent bytes over.
 *
 * @param timeoutNanos for how long at most; 0: do not wait, the bytes travel in the descriptor
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Drain(long timeoutNanos) {
  /** Does not wait. */
  public static final Drain NONE = new Drain(0);

  public Drain {
    if (timeoutNanos < 0) {
      throw new IllegalArgumentException("timeoutNanos " + timeoutNanos + ", expected 0 or more");
    }
  }

  /** Waits for up to {@code timeout}; refuses when bytes are left then. */
  public static Drain within(Duration timeout) {
    return new Drain(timeout.toNanos());
  }
}

package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.Octets;
import java.io.IOException;
import java.io.Serial;
import org.apiguardian.api.API;

/**
 * Thrown when MPA start-up did not lead to an iWARP stream. {@link #failure} tells the outcomes
 * apart; nothing has been moved.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class MpaException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final MpaFailure failure;
  private final transient Octets privateData;

  /**
   * A failure without private data.
   *
   * @param failure what happened
   * @param message what was seen, what was expected, what to do
   */
  public MpaException(MpaFailure failure, String message) {
    this(failure, message, Octets.empty());
  }

  /**
   * A rejection.
   *
   * @param failure what happened
   * @param message what was seen, what was expected, what to do
   * @param privateData what came with the rejection
   */
  public MpaException(MpaFailure failure, String message, Octets privateData) {
    super(failure + ": " + message);
    this.failure = failure;
    this.privateData = privateData;
  }

  public MpaFailure failure() {
    return failure;
  }

  /** The rejecting peer's private data; empty otherwise. */
  public Octets privateData() {
    return privateData;
  }

  /** Whether the TCP connection is still open and the application's to use. */
  public boolean isTcpUsable() {
    return failure.isTcpUsable();
  }
}

package dev.offramp.api.mpa;

import dev.offramp.api.descriptor.Octets;
import java.io.IOException;
import java.io.Serial;
import java.util.Optional;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Thrown when MPA start-up did not lead to an iWARP stream. {@link #failure} tells the outcomes
 * apart; nothing has been moved.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class MpaException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final MpaFailure failure;
  private final transient @Nullable MpaRequest peer;

  /**
   * A failure before the peer's frame was complete.
   *
   * @param failure what happened
   * @param message what was seen, what was expected, what to do
   */
  public MpaException(MpaFailure failure, String message) {
    this(failure, message, null);
  }

  /**
   * A failure in spite of a well-formed frame: a rejection, for example.
   *
   * @param failure what happened
   * @param message what was seen, what was expected, what to do
   * @param peer what the peer's frame says
   */
  public MpaException(MpaFailure failure, String message, @Nullable MpaRequest peer) {
    super(failure + ": " + message);
    this.failure = failure;
    this.peer = peer;
  }

  public MpaFailure failure() {
    return failure;
  }

  /**
   * What the peer's frame says, raw, when one was complete: also a rejection tells the peer's IRD
   * and ORD (RFC 6581, section 9.1). Not kept by Java serialization.
   */
  public Optional<MpaRequest> peer() {
    return Optional.ofNullable(peer);
  }

  /** The peer's private data; empty when no frame was complete. */
  public Octets privateData() {
    return peer().map(MpaRequest::privateData).orElse(Octets.empty());
  }

  /** Whether the TCP connection is still open and the application's to use. */
  public boolean isTcpUsable() {
    return failure.isTcpUsable();
  }
}

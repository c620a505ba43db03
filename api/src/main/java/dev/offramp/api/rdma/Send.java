package dev.offramp.api.rdma;

import java.util.List;
import java.util.OptionalInt;
import org.apiguardian.api.API;

/**
 * Sends a message into the next buffer that the peer has posted (RFC 5040, section 5.3).
 *
 * @param id returned in the completion
 * @param buffers what to send, gathered in order; none for an empty message
 * @param solicited whether the peer is asked to raise an event
 * @param invalidateStag the STag of the peer that the message revokes; empty for none
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Send(
    long id, List<LocalBuffer> buffers, boolean solicited, OptionalInt invalidateStag)
    implements WorkRequest {
  public Send {
    buffers = List.copyOf(buffers);
  }

  public Send(LocalBuffer buffer) {
    this(0, buffer);
  }

  public Send(long id, LocalBuffer buffer) {
    this(id, List.of(buffer), false, OptionalInt.empty());
  }

  /** The same message with a solicited event. */
  public Send withSolicitedEvent() {
    return new Send(id, buffers, true, invalidateStag);
  }

  /** The same message, revoking an STag of the peer on delivery. */
  public Send invalidating(int stag) {
    return new Send(id, buffers, solicited, OptionalInt.of(stag));
  }

  @Override
  public Operation operation() {
    return Operation.SEND;
  }
}

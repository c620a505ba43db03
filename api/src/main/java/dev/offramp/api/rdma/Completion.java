package dev.offramp.api.rdma;

import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apiguardian.api.API;

/**
 * The end of one work request.
 *
 * @param id the request's own number
 * @param operation what was done
 * @param status how it ended
 * @param bytes how many payload bytes were moved
 * @param solicited for a Receive: whether the peer asked for an event
 * @param invalidatedStag for a Receive: the STag that the message revoked
 * @param immediate for a Receive: eight octets of immediate data instead of a message
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record Completion(
    long id,
    Operation operation,
    CompletionStatus status,
    long bytes,
    boolean solicited,
    OptionalInt invalidatedStag,
    OptionalLong immediate) {
  /** What a {@link CompletionHandler} is given, as a record. */
  public static Completion of(
      long id,
      Operation operation,
      CompletionStatus status,
      long bytes,
      CompletionHandler.CompletionDetail detail) {
    return new Completion(
        id,
        operation,
        status,
        bytes,
        detail.isSolicited(),
        detail.hasInvalidatedStag()
            ? OptionalInt.of(detail.invalidatedStag())
            : OptionalInt.empty(),
        detail.hasImmediate() ? OptionalLong.of(detail.immediate()) : OptionalLong.empty());
  }

  /** Gives this to a handler, as the queue would have that it came from. */
  public void deliverTo(CompletionHandler handler) {
    handler.completed(id, operation, status, bytes, new RecordedDetail(this));
  }

  public boolean isSuccess() {
    return status == CompletionStatus.SUCCESS;
  }
}

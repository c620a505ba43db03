package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/** Takes completions without allocating. Called on the thread that polls. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface CompletionHandler {
  /** The parameters are those of {@link Completion}; the last three matter to Receives only. */
  void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail);

  /** The rest of a completion; valid only during the call. */
  interface CompletionDetail {
    boolean isSolicited();

    boolean hasInvalidatedStag();

    /** The STag that the message revoked; meaningless unless there is one. */
    int invalidatedStag();

    boolean hasImmediate();

    /** Eight octets of immediate data; meaningless unless there are some. */
    long immediate();
  }
}

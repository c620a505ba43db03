package dev.offramp.api.descriptor;

import dev.offramp.api.rdma.CompletionStatus;
import org.apiguardian.api.API;

/**
 * A work request of which something has been done, and whose completion is still to come.
 * Immutable.
 *
 * @param work what was posted
 * @param progress how far it is
 * @param doneBytes payload bytes sent, for {@link Progress#SENDING} and {@link Progress#SENT};
 *     payload bytes of the response received, for {@link Progress#AWAITING_RESPONSE}; else 0
 * @param msn the MSN of its message on queue 0 or 1, 0..2^32-1; 0 for a Write, which has none
 * @param status how it will complete, for {@link Progress#DONE}; else {@link
 *     CompletionStatus#SUCCESS}
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record StartedWork(
    PostedWork work, Progress progress, long doneBytes, long msn, CompletionStatus status) {
  /** How far it is. */
  public enum Progress {
    /** Some of its segments are sent, or unsent bytes of the descriptor. At most one, the last. */
    SENDING,
    /**
     * All of its segments are. It completes in its turn, after all before it. Its buffers need not
     * be named any more.
     */
    SENT,
    /** Its request is sent, and the peer has not answered, or not all. */
    AWAITING_RESPONSE,
    /** Done, well or not, and waiting for those before it. */
    DONE
  }

  public StartedWork {
    Checks.range("iwarp.startedWork.doneBytes", doneBytes, 0, maxDoneBytes(work, progress));
    Checks.range("iwarp.startedWork.msn", msn, 0, Checks.MAX_UINT32);
    boolean possible =
        switch (progress) {
          case SENDING, SENT -> !work.awaitsResponse() && status == CompletionStatus.SUCCESS;
          case AWAITING_RESPONSE -> work.awaitsResponse() && status == CompletionStatus.SUCCESS;
          case DONE -> true;
        };
    if (!possible) {
      throw new InvalidDescriptorException(
          "iwarp.startedWork",
          work.operation() + " " + progress + " " + status,
          "a progress that the operation can have, and a status only once it is done");
    }
  }

  /** What is sent needs its buffers no more, and may have come without them. */
  private static long maxDoneBytes(PostedWork work, Progress progress) {
    return switch (progress) {
      case SENDING, AWAITING_RESPONSE -> work.lengthBytes();
      case SENT -> Long.MAX_VALUE;
      case DONE -> 0;
    };
  }
}

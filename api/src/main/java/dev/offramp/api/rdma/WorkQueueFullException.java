package dev.offramp.api.rdma;

import java.io.IOException;
import java.io.Serial;
import org.apiguardian.api.API;

/** Thrown when a work queue has no free entry. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class WorkQueueFullException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  /**
   * Names the queue.
   *
   * @param queue which queue: {@code send} or {@code receive}
   * @param entries how many entries it has
   */
  public WorkQueueFullException(String queue, int entries) {
    super(
        "the "
            + queue
            + " queue is full: all "
            + entries
            + " entries are in use; poll completions before posting more");
  }
}

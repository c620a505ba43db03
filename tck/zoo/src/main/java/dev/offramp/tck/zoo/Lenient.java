package dev.offramp.tck.zoo;

import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;

/** Takes work for a stream that has ended, and forgets it. */
final class Lenient extends WrongConnection {
  Lenient(WrongConnection inner) {
    super(inner, new Defect());
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException {
    try {
      super.post(request);
    } catch (ConnectionClosedException e) {
      // That is what is wrong with it.
    }
  }
}

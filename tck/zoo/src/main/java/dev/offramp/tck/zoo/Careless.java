package dev.offramp.tck.zoo;

import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;

/** Takes requests that cannot be done, and forgets them. */
final class Careless extends WrongConnection {
  Careless(WrongConnection inner) {
    super(inner, new Defect());
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    try {
      super.post(request);
    } catch (IllegalArgumentException e) {
      // That is what is wrong with it.
    }
  }
}

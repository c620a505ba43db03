package dev.offramp.tck.zoo;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.WorkRequest;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Completes Reads when they are posted. */
final class EarlyReads extends WrongConnection {
  EarlyReads(WrongConnection inner) {
    super(
        inner,
        new Defect() {
          @Override
          List<Completion> completions(Completion honest) {
            return honest.operation() == Operation.READ ? List.of() : List.of(honest);
          }
        });
  }

  @Override
  public void post(WorkRequest request) throws WorkQueueFullException, ConnectionClosedException {
    super.post(request);
    if (request instanceof Read read) {
      completed(
          new Completion(
              read.id(),
              Operation.READ,
              CompletionStatus.SUCCESS,
              read.sink().lengthBytes(),
              false,
              OptionalInt.empty(),
              OptionalLong.empty()));
    }
  }
}

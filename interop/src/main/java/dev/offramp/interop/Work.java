package dev.offramp.interop;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Work on one connection: completions are taken by kind, in whichever order they come. */
final class Work {
  private final RdmaConnection rdma;
  private final List<Completion> early = new ArrayList<>();

  Work(RdmaConnection rdma) {
    this.rdma = rdma;
  }

  RdmaConnection rdma() {
    return rdma;
  }

  void post(WorkRequest request) throws IOException {
    rdma.post(request);
  }

  /** Posts, and waits until that kind of work has completed once. */
  Completion perform(WorkRequest request) throws IOException, InterruptedException {
    rdma.post(request);
    return expect(request.operation());
  }

  /**
   * The next successful completion of this kind.
   *
   * @throws CaseFailure when some work does not succeed: how, and how the stream ended
   */
  Completion expect(Operation operation) throws IOException, InterruptedException {
    for (int i = 0; i < early.size(); i++) {
      if (early.get(i).operation() == operation) {
        return early.remove(i);
      }
    }
    while (true) {
      Completion next;
      try {
        next = rdma.completions().take();
      } catch (ConnectionClosedException e) {
        throw new CaseFailure("waiting for " + operation + ": the stream ended: " + e.end());
      }
      if (!next.isSuccess()) {
        throw new CaseFailure(
            next.operation()
                + " "
                + next.id()
                + " ended with "
                + next.status()
                + rdma.end().map(end -> ": " + end).orElse(""));
      }
      if (next.operation() == operation) {
        return next;
      }
      early.add(next);
    }
  }

  /** Takes completions, successful or not, until the stream has ended; returns how. */
  StreamEnd awaitEnd() throws InterruptedException {
    while (true) {
      try {
        var _ = rdma.completions().take();
      } catch (ConnectionClosedException e) {
        return e.end();
      }
    }
  }
}

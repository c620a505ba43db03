package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.ArrayList;
import java.util.List;

/** Keeps completions. */
final class Log implements CompletionHandler {
  final List<Completion> all = new ArrayList<>();

  @Override
  public void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    all.add(Completion.of(id, operation, status, bytes, detail));
  }

  List<Completion> receives() {
    return all.stream().filter(c -> c.operation() == Operation.RECEIVE).toList();
  }

  List<Completion> others() {
    return all.stream().filter(c -> c.operation() != Operation.RECEIVE).toList();
  }
}

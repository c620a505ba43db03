package dev.offramp.spi;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.concurrent.atomic.AtomicReference;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A handler that keeps the completion it is given, as a record: for a completion queue whose ring
 * speaks to handlers, and whose {@code poll} gives one back. A queue has one of its own.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class KeptCompletion implements CompletionHandler {
  private final AtomicReference<@Nullable Completion> kept = new AtomicReference<>();

  /** One that has been given nothing. */
  public KeptCompletion() {}

  @Override
  public void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    kept.set(Completion.of(id, operation, status, bytes, detail));
  }

  /** What it was given since the last call; null for nothing. */
  public @Nullable Completion take() {
    return kept.getAndSet(null);
  }
}

package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The engine's completions, for any thread. */
final class SoftCompletionQueue implements CompletionQueue {
  private final SoftConnection connection;
  private final Keeper keeper = new Keeper();

  SoftCompletionQueue(SoftConnection connection) {
    this.connection = connection;
  }

  @Override
  public Optional<Completion> poll() {
    connection.lock().lock();
    try {
      if (connection.stream().completionCount() == 0) {
        connection.advance();
      }
      return Optional.ofNullable(next());
    } finally {
      connection.lock().unlock();
    }
  }

  @Override
  public int poll(CompletionHandler handler, int max) {
    connection.lock().lock();
    try {
      if (connection.stream().completionCount() == 0) {
        connection.advance();
      }
      int count = connection.stream().pollCompletions(handler, max);
      if (count > 0) {
        connection.polled();
      }
      return count;
    } finally {
      connection.lock().unlock();
    }
  }

  @Override
  public Completion take() throws InterruptedException, ConnectionClosedException {
    return poll(TimeUnit.DAYS.toNanos(1), true).orElseThrow();
  }

  @Override
  public Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException {
    return poll(timeout.toNanos(), false);
  }

  private Optional<Completion> poll(long timeoutNanos, boolean forEver)
      throws InterruptedException, ConnectionClosedException {
    connection.lock().lockInterruptibly();
    try {
      long left = timeoutNanos;
      while (true) {
        if (connection.stream().completionCount() == 0) {
          connection.advance();
        }
        Completion next = next();
        if (next != null) {
          return Optional.of(next);
        }
        Optional<StreamEnd> end = connection.stream().end();
        if (end.isPresent() && connection.stream().isFlushed()) {
          throw new ConnectionClosedException(end.get());
        }
        if (left <= 0 && !forEver) {
          return Optional.empty();
        }
        left = connection.changed().awaitNanos(forEver ? timeoutNanos : left);
      }
    } finally {
      connection.lock().unlock();
    }
  }

  private @Nullable Completion next() {
    keeper.kept = null;
    if (connection.stream().pollCompletions(keeper, 1) > 0) {
      connection.polled();
    }
    return keeper.kept;
  }

  /** Turns the engine's callback into a record. Under the connection's lock. */
  private static final class Keeper implements CompletionHandler {
    private @Nullable Completion kept;

    @Override
    public void completed(
        long id,
        Operation operation,
        CompletionStatus status,
        long bytes,
        CompletionDetail detail) {
      kept =
          new Completion(
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
  }
}

package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.spi.KeptCompletion;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection's completions, for any thread. */
final class ChelsioCompletions implements CompletionQueue {
  private final ChelsioConnection connection;
  private final Completed completed;
  private final SendQueue sends;
  private final ReceiveQueue receives;
  private final Stall stall;
  private final KeptCompletion keeper = new KeptCompletion();

  ChelsioCompletions(
      ChelsioConnection connection,
      Completed completed,
      SendQueue sends,
      ReceiveQueue receives,
      Stall stall) {
    this.connection = connection;
    this.completed = completed;
    this.sends = sends;
    this.receives = receives;
    this.stall = stall;
  }

  @Override
  public Optional<Completion> poll() {
    connection.gate().enter();
    try {
      reapIfEmpty();
      return Optional.ofNullable(next());
    } finally {
      connection.serial().exit();
    }
  }

  @Override
  public int poll(CompletionHandler handler, int max) {
    connection.gate().enter();
    try {
      reapIfEmpty();
      return drain(handler, max);
    } finally {
      connection.serial().exit();
    }
  }

  @Override
  public Completion take() throws InterruptedException, ConnectionClosedException {
    connection.gate().enter();
    try {
      await(Long.MAX_VALUE);
      return Objects.requireNonNull(next());
    } finally {
      connection.serial().exit();
    }
  }

  @Override
  public int take(CompletionHandler handler, int max)
      throws InterruptedException, ConnectionClosedException {
    if (max < 1) {
      throw new IllegalArgumentException("seen [" + max + "] as the most to take, expected 1..");
    }
    connection.gate().enter();
    try {
      await(Long.MAX_VALUE);
      return drain(handler, max);
    } finally {
      connection.serial().exit();
    }
  }

  @Override
  public Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException {
    connection.gate().enter();
    try {
      return await(timeout.toNanos()) ? Optional.ofNullable(next()) : Optional.empty();
    } finally {
      connection.serial().exit();
    }
  }

  private void reapIfEmpty() {
    if (completed.size() == 0) {
      connection.reap();
    }
  }

  /** Under the lock. Whether there is a completion, after so long at most. */
  private boolean await(long nanos) throws InterruptedException, ConnectionClosedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    reapIfEmpty();
    long start = connection.nanoTime();
    while (completed.size() == 0) {
      StreamEnd end = connection.endIfFlushed();
      if (end != null) {
        throw new ConnectionClosedException(end);
      }
      long left = nanos == Long.MAX_VALUE ? nanos : nanos - (connection.nanoTime() - start);
      if (left <= 0) {
        return false;
      }
      connection.awaitNews(left, true);
    }
    return true;
  }

  private int drain(CompletionHandler handler, int max) {
    int count = 0;
    while (count < max && completed.size() > 0) {
      if (completed.isOldestReceive()) {
        receives.release();
      } else {
        sends.release();
      }
      count++;
      completed.take(handler);
    }
    if (count > 0) {
      stall.polled();
    }
    return count;
  }

  private @Nullable Completion next() {
    drain(keeper, 1);
    return keeper.take();
  }
}

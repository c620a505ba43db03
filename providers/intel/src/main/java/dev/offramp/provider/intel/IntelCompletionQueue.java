package dev.offramp.provider.intel;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.spi.KeptCompletion;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A connection's completions, for any thread. */
final class IntelCompletionQueue implements CompletionQueue {
  private final IntelConnection connection;
  private final CompletionStore store;
  private final WorkPoster poster;
  private final CompletionStall stall;
  private final Runnable service;
  private final KeptCompletion keeper = new KeptCompletion();

  /**
   * The queue of a connection.
   *
   * @param service takes what the device says by itself; called without the lock
   */
  IntelCompletionQueue(
      IntelConnection connection,
      CompletionStore store,
      WorkPoster poster,
      CompletionStall stall,
      Runnable service) {
    this.connection = connection;
    this.store = store;
    this.poster = poster;
    this.stall = stall;
    this.service = service;
  }

  @Override
  public Optional<Completion> poll() {
    Completion next;
    connection.enter();
    try {
      look();
      next = next();
    } finally {
      connection.exit();
    }
    if (next == null) {
      service.run();
      connection.idle();
    }
    return Optional.ofNullable(next);
  }

  @Override
  public int poll(CompletionHandler handler, int max) {
    int count;
    connection.enter();
    try {
      look();
      count = drainTo(handler, max);
    } finally {
      connection.exit();
    }
    if (count == 0) {
      service.run();
      connection.idle();
    }
    return count;
  }

  @Override
  public Completion take() throws InterruptedException, ConnectionClosedException {
    while (true) {
      await(Long.MAX_VALUE);
      Completion next = takeOne();
      if (next != null) {
        return next;
      }
    }
  }

  @Override
  public int take(CompletionHandler handler, int max)
      throws InterruptedException, ConnectionClosedException {
    if (max < 1) {
      throw new IllegalArgumentException("seen [" + max + "] as the most to take, expected 1..");
    }
    while (true) {
      await(Long.MAX_VALUE);
      connection.enter();
      try {
        int count = drainTo(handler, max);
        if (count > 0) {
          return count;
        }
      } finally {
        connection.exit();
      }
    }
  }

  @Override
  public Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException {
    return await(timeout.toNanos()) ? Optional.ofNullable(takeOne()) : Optional.empty();
  }

  private @Nullable Completion takeOne() {
    connection.enter();
    try {
      return next();
    } finally {
      connection.exit();
    }
  }

  private void look() {
    if (store.isEmpty()) {
      connection.drain();
    }
  }

  /** Whether there was a completion, after so long at most; another thread may have taken it. */
  private boolean await(long timeoutNanos) throws InterruptedException, ConnectionClosedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    boolean inTime =
        connection.await(timeoutNanos, () -> !store.isEmpty() || connection.isFlushed());
    if (!inTime) {
      return false;
    }
    connection.enter();
    try {
      if (store.isEmpty() && connection.isFlushed()) {
        throw connection.closedException();
      }
      return true;
    } finally {
      connection.exit();
    }
  }

  /** Under the lock. */
  private int drainTo(CompletionHandler handler, int max) {
    int count = 0;
    while (count < max && !store.isEmpty()) {
      count++;
      // First, so that the handler can post into the place that has become free.
      poster.released(store.isOldestReceive());
      store.take(handler);
    }
    if (count > 0) {
      stall.taken();
    }
    return count;
  }

  private @Nullable Completion next() {
    drainTo(keeper, 1);
    return keeper.take();
  }
}

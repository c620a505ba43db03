package dev.offramp.provider.softiwarp;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.spi.KeptCompletion;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The engine's completions, for any thread. */
final class SoftCompletionQueue implements CompletionQueue {
  private final Serving serving;
  private final RdmapStream stream;
  private final CompletionStall stall;
  private final KeptCompletion keeper = new KeptCompletion();

  SoftCompletionQueue(Serving serving, RdmapStream stream, CompletionStall stall) {
    this.serving = serving;
    this.stream = stream;
    this.stall = stall;
  }

  @Override
  public Optional<Completion> poll() {
    Completion next;
    boolean idle;
    serving.enter();
    try {
      serveIfEmpty();
      next = next();
      idle = next == null && serving.isPollingForNothing();
    } finally {
      serving.exit();
    }
    giveWay(idle);
    return Optional.ofNullable(next);
  }

  @Override
  public int poll(CompletionHandler handler, int max) {
    int count;
    boolean idle;
    serving.enter();
    try {
      serveIfEmpty();
      count = drain(handler, max);
      idle = count == 0 && serving.isPollingForNothing();
    } finally {
      serving.exit();
    }
    giveWay(idle);
    return count;
  }

  /** The peer may need the processor to answer; where nobody needs it this costs very little. */
  @SuppressWarnings("ThreadPriorityCheck") // a hint, on which nothing depends
  private static void giveWay(boolean idle) {
    if (idle) {
      Thread.yield();
    }
  }

  @Override
  public Completion take() throws InterruptedException, ConnectionClosedException {
    serving.enter();
    try {
      await(Serving.FOR_EVER_NANOS);
      return Objects.requireNonNull(next());
    } finally {
      serving.leave();
      serving.exit();
    }
  }

  @Override
  public int take(CompletionHandler handler, int max)
      throws InterruptedException, ConnectionClosedException {
    if (max < 1) {
      throw new IllegalArgumentException("seen [" + max + "] as the most to take, expected 1..");
    }
    serving.enter();
    try {
      await(Serving.FOR_EVER_NANOS);
      return drain(handler, max);
    } finally {
      serving.leave();
      serving.exit();
    }
  }

  @Override
  public Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException {
    serving.enter();
    try {
      return await(timeout.toNanos()) ? Optional.ofNullable(next()) : Optional.empty();
    } finally {
      serving.leave();
      serving.exit();
    }
  }

  private int drain(CompletionHandler handler, int max) {
    int count = stream.pollCompletions(handler, max);
    if (count > 0) {
      stall.polled();
    }
    return count;
  }

  private void serveIfEmpty() {
    if (stream.completionCount() == 0) {
      serving.poll();
    }
  }

  /** Under the lock. Whether there is a completion, after so long at most. */
  private boolean await(long timeoutNanos) throws InterruptedException, ConnectionClosedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    serveIfEmpty();
    long left = timeoutNanos;
    while (stream.completionCount() == 0) {
      Optional<StreamEnd> end = stream.end();
      if (end.isPresent() && stream.isFlushed()) {
        throw new ConnectionClosedException(end.get());
      }
      if (left <= 0) {
        return false;
      }
      left = serving.await(left);
    }
    return true;
  }

  private @Nullable Completion next() {
    drain(keeper, 1);
    return keeper.take();
  }
}

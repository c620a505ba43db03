package com.acme.offramp;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.spi.KeptCompletion;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/** The completions of a connection, for any thread. */
final class AcmeCompletionQueue implements CompletionQueue {
  private final AcmeConnection connection;
  private final CompletionRing ring;
  private final Regions regions;

  /** What nobody had polled when the connection was closed and its ring given back. */
  private final Queue<Completion> left = new ArrayDeque<>();

  private final KeptCompletion kept = new KeptCompletion();
  private boolean ringGone;

  AcmeCompletionQueue(AcmeConnection connection, CompletionRing ring, Regions regions) {
    this.connection = connection;
    this.ring = ring;
    this.regions = regions;
  }

  @Override
  public Optional<Completion> poll() {
    connection.lock();
    try {
      return next();
    } finally {
      connection.unlock();
    }
  }

  @Override
  public int poll(CompletionHandler handler, int max) {
    connection.lock();
    try {
      return drain(handler, max);
    } finally {
      connection.unlock();
    }
  }

  @Override
  public Completion take() throws InterruptedException, ConnectionClosedException {
    connection.lockInterruptibly();
    try {
      await(AcmeConnection.FOR_EVER_NANOS);
      return next().orElseThrow();
    } finally {
      connection.unlock();
    }
  }

  @Override
  public int take(CompletionHandler handler, int max)
      throws InterruptedException, ConnectionClosedException {
    if (max < 1) {
      throw new IllegalArgumentException("seen [" + max + "] as the most to take, expected 1..");
    }
    connection.lockInterruptibly();
    try {
      await(AcmeConnection.FOR_EVER_NANOS);
      return drain(handler, max);
    } finally {
      connection.unlock();
    }
  }

  @Override
  public Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException {
    connection.lockInterruptibly();
    try {
      await(timeout.toNanos());
      return next();
    } finally {
      connection.unlock();
    }
  }

  /** Waits for a completion, so long at most. */
  private void await(long timeoutNanos) throws InterruptedException, ConnectionClosedException {
    connection.await(timeoutNanos, () -> !isEmpty() || connection.isFlushed());
    if (isEmpty() && connection.isFlushed()) {
      throw connection.closedException();
    }
  }

  private boolean isEmpty() {
    return ringGone ? left.isEmpty() : ring.isEmpty();
  }

  private Optional<Completion> next() {
    if (ringGone) {
      return Optional.ofNullable(left.poll());
    }
    drain(kept, 1);
    return Optional.ofNullable(kept.take());
  }

  private int drain(CompletionHandler handler, int max) {
    int count = 0;
    while (count < max && !isEmpty()) {
      count++;
      if (ringGone) {
        left.remove().deliverTo(handler);
      } else {
        ring.poll((id, operation, status, bytes, detail) -> {
          if (detail.hasInvalidatedStag()) {
            regions.invalidated(detail.invalidatedStag());
          }
          handler.completed(id, operation, status, bytes, detail);
        });
      }
    }
    return count;
  }

  /** The ring's memory is about to go. Under the lock. */
  void keepLeft() {
    while (!isEmpty()) {
      next().ifPresent(left::add);
    }
    ringGone = true;
  }
}

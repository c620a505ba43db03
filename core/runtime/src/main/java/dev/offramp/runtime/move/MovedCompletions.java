package dev.offramp.runtime.move;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionQueue;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.spi.ConnectionMovedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * The completions of a connection wherever it is. Those that nobody had polled when it left an
 * owner come first. They are there before anybody can see the next owner, so whoever looks for the
 * owner first, and then here, misses none.
 */
final class MovedCompletions implements CompletionQueue {
  private final MovableConnection connection;
  private final Queue<Completion> carried = new ConcurrentLinkedQueue<>();

  /** False while there are none: all that the usual case costs. */
  private volatile boolean carrying;

  MovedCompletions(MovableConnection connection) {
    this.connection = connection;
  }

  void carry(List<Completion> completions) {
    carried.addAll(completions);
    carrying |= !completions.isEmpty();
  }

  /** Takes away what is carried: nobody gets it here any more. */
  List<Completion> carryOff() {
    List<Completion> all = new ArrayList<>();
    for (Completion next = nextCarried(); next != null; next = nextCarried()) {
      all.add(next);
    }
    return all;
  }

  private @Nullable Completion nextCarried() {
    return carrying ? carried.poll() : null;
  }

  private int deliverCarried(CompletionHandler handler, int max) {
    int count = 0;
    while (count < max) {
      Completion next = nextCarried();
      if (next == null) {
        break;
      }
      count++;
      next.deliverTo(handler);
    }
    return count;
  }

  @Override
  public Optional<Completion> poll() {
    Place at = connection.place();
    while (true) {
      Completion next = nextCarried();
      if (next != null || connection.isLost()) {
        return Optional.ofNullable(next);
      }
      try {
        return at.connection().completions().poll();
      } catch (ConnectionMovedException e) {
        at = connection.successor(at).orElse(at);
      }
    }
  }

  @Override
  public int poll(CompletionHandler handler, int max) {
    Place at = connection.place();
    while (true) {
      int count = deliverCarried(handler, max);
      if (count > 0 || connection.isLost()) {
        return count;
      }
      try {
        return at.connection().completions().poll(handler, max);
      } catch (ConnectionMovedException e) {
        at = connection.successor(at).orElse(at);
      }
    }
  }

  @Override
  public Completion take() throws InterruptedException, ConnectionClosedException {
    Place at = connection.place();
    while (true) {
      Completion next = nextCarried();
      if (next != null) {
        return next;
      }
      requireOwner();
      try {
        return at.connection().completions().take();
      } catch (ConnectionMovedException e) {
        at = connection.successor(at).orElse(at);
      }
    }
  }

  @Override
  public int take(CompletionHandler handler, int max)
      throws InterruptedException, ConnectionClosedException {
    Place at = connection.place();
    while (true) {
      int count = max < 1 ? 0 : deliverCarried(handler, max);
      if (count > 0) {
        return count;
      }
      requireOwner();
      try {
        return at.connection().completions().take(handler, max);
      } catch (ConnectionMovedException e) {
        at = connection.successor(at).orElse(at);
      }
    }
  }

  @Override
  public Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException {
    long deadline = System.nanoTime() + timeout.toNanos();
    Place at = connection.place();
    while (true) {
      Completion next = nextCarried();
      if (next != null) {
        return Optional.of(next);
      }
      requireOwner();
      try {
        Duration left = Duration.ofNanos(Math.max(0, deadline - System.nanoTime()));
        return at.connection().completions().poll(left);
      } catch (ConnectionMovedException e) {
        at = connection.successor(at).orElse(at);
      }
    }
  }

  private void requireOwner() throws ConnectionClosedException {
    if (connection.isLost()) {
      throw connection.closed();
    }
  }
}

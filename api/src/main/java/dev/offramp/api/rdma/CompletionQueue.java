package dev.offramp.api.rdma;

import java.time.Duration;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * Completions in the order in which RFC 5040, section 5.5 lets work requests complete. Safe for use
 * by several threads. Whoever polls or waits may do the connection's work itself meanwhile, so no
 * other thread need be between it and the wire. Waiting suits virtual threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface CompletionQueue {
  /** The next completion, if there is one already or can be had without waiting. */
  Optional<Completion> poll();

  /** Hands at most {@code max} completions to {@code handler}; returns how many. */
  int poll(CompletionHandler handler, int max);

  /**
   * Waits for the next completion.
   *
   * @throws ConnectionClosedException when all completions are taken and the stream has ended
   */
  Completion take() throws InterruptedException, ConnectionClosedException;

  /**
   * Waits until there is a completion, then hands at most {@code max} of those that are there to
   * {@code handler}. What {@link #take()} is, without an object for each completion.
   *
   * @param max 1 or more
   * @return how many, at least 1
   * @throws ConnectionClosedException when all completions are taken and the stream has ended
   */
  int take(CompletionHandler handler, int max)
      throws InterruptedException, ConnectionClosedException;

  /** Waits at most {@code timeout}; empty when that was not enough. */
  Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException;
}

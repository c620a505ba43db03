package dev.offramp.api.rdma;

import java.time.Duration;
import java.util.Optional;
import org.apiguardian.api.API;

/**
 * Completions in the order in which RFC 5040, section 5.5 lets work requests complete. Safe for use
 * by several threads. Waiting is done in Java, never inside a system call, so it suits virtual
 * threads; polling lets the calling thread do the connection's work itself.
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

  /** Waits at most {@code timeout}; empty when that was not enough. */
  Optional<Completion> poll(Duration timeout)
      throws InterruptedException, ConnectionClosedException;
}

package dev.offramp.api.rdma;

import org.apiguardian.api.API;

/**
 * Something to do on a connection. Immutable: one request can be posted any number of times, which
 * is how a busy application avoids allocating.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public sealed interface WorkRequest
    permits Send, Receive, Write, Read, LocalInvalidate, FetchAdd, CompareSwap, SendImmediate {
  /** The application's own number, returned in the completion. */
  long id();

  /** What kind of operation it is. */
  Operation operation();
}

package dev.offramp.api.descriptor;

import org.apiguardian.api.API;

/**
 * Who owns a field of the descriptor after a move: the split that TCP Chimney used (NDIS 6), plus
 * the iWARP part and the socket options that an application expects to find again.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum Ownership {
  /** Fixed when the connection was made. Nobody changes it. */
  CONSTANT,
  /** Owned by the host, pushed to the owner of the connection when it changes. */
  CACHED,
  /** Owned by whoever owns the connection. */
  DELEGATED,
  /** What MPA start-up agreed, and where the iWARP stream stands. */
  IWARP,
  /** Options that the application set on its socket. */
  OPTION
}

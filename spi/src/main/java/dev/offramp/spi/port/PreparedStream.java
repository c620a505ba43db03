package dev.offramp.spi.port;

import org.apiguardian.api.API;

/** A stream that is ready and silent. For one thread at a time. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface PreparedStream {
  /** Lets the stream run. Cannot fail; a stream that is dead says so on its first use. */
  StreamPort activate();

  /** Gives the stream up without a word to the peer. Idempotent. */
  void abandon();
}

package dev.offramp.spi.port;

import org.apiguardian.api.API;

/** An application's memory, reachable for an adapter. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface DmaMapping extends AutoCloseable {
  /** The adapter's address of the first byte. */
  long deviceAddress();

  /** Ends the mapping; the adapter must no longer use it. Idempotent. */
  @Override
  void close();
}

package dev.offramp.spi.port;

import java.lang.foreign.MemorySegment;
import org.apiguardian.api.API;

/** Memory that both the host and an adapter can reach. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface DmaSlab extends AutoCloseable {
  /** The host's view. */
  MemorySegment segment();

  /** The adapter's address of the first byte. */
  long deviceAddress();

  /** Gives the memory back; the adapter must no longer use it. Idempotent. */
  @Override
  void close();
}

package dev.offramp.spi;

import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.transfer.StateTransfer;
import org.apiguardian.api.API;

/**
 * A device that is up: an owner of connections like any other, which besides carries RDMA on them.
 * Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Rnic extends StateTransfer<RdmaConnection>, AutoCloseable {
  /** What the device can do. Constant while it is up. */
  RnicCapabilities capabilities();

  /** Aborts the connections that are left, stops the device, releases all. Idempotent. */
  @Override
  void close();
}

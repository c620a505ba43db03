package dev.offramp.spi;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import org.apiguardian.api.API;

/**
 * A device that is up: an owner of connections like any other, which besides carries RDMA on them.
 * Safe for use by several threads.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Rnic extends StateTransfer<RdmaConnection>, AutoCloseable {
  @Override
  RnicArrival arrive(IwarpConnectionDescriptor descriptor) throws TransferException;

  /** What the device can do. Constant while it is up. */
  RnicCapabilities capabilities();

  /**
   * What all connections did so far, those that have ended included. A device that does not count
   * says zero.
   */
  default RdmaCounters counters() {
    return RdmaCounters.ZERO;
  }

  /** Aborts the connections that are left, stops the device, releases all. Idempotent. */
  @Override
  void close();
}

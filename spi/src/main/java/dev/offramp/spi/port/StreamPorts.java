package dev.offramp.spi.port;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.TransferException;
import org.apiguardian.api.API;

/** Where a software RNIC gets the byte stream of a connection that arrives. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface StreamPorts {
  /**
   * Prepares the stream of a described connection; nothing is sent or received yet.
   *
   * @throws TransferException when it cannot be had; nothing is left behind
   */
  PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException;
}

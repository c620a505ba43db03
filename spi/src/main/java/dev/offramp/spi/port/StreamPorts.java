package dev.offramp.spi.port;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.TransferException;
import org.apiguardian.api.API;

/** Where a software RNIC gets the byte stream of a connection that arrives. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface StreamPorts {
  /**
   * Whether a stream of this kind could be had, and what the connection would lose on the way to
   * it. A software RNIC answers its own {@link dev.offramp.api.transfer.StateTransfer#admits} with
   * it.
   */
  default Admission admits(ConnectionProfile profile) {
    return Admission.full();
  }

  /**
   * Prepares the stream of a described connection; nothing is sent or received yet.
   *
   * @throws TransferException when it cannot be had; nothing is left behind
   */
  PreparedStream prepare(IwarpConnectionDescriptor descriptor) throws TransferException;
}

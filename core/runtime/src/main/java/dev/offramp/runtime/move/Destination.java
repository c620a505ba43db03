package dev.offramp.runtime.move;

import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.StateTransfer;
import dev.offramp.api.transfer.TransferException;
import java.util.Set;

/** Another process as the next owner of a connection in RDMA mode. For one connection. */
public interface Destination extends StateTransfer<String> {
  /**
   * Asks it, while the connection runs, whether it would take that, and what its RNIC needs to be
   * at rest.
   *
   * @param running what is known of the connection
   * @throws TransferException its refusals, or that it does not answer; nothing was stopped
   */
  Set<Quiet> needs(ConnectionProfile running) throws TransferException;
}

package dev.offramp.api;

import dev.offramp.api.rdma.RdmaConnection;
import java.io.IOException;
import org.apiguardian.api.API;

/**
 * What an application does with a connection that is ready and still silent: register memory, post
 * Receives for messages that the peer may send at once, queue its own first messages.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface ConnectionSetup {
  /** Does nothing. */
  ConnectionSetup NONE = connection -> {};

  /**
   * Called once, on the offloading thread, before the new owner speaks. When it throws, the move is
   * undone, the connection goes on at its old owner, and {@link Offramp#offload} throws a {@link
   * dev.offramp.api.transfer.TransferException} with the cause.
   */
  void prepare(RdmaConnection connection) throws IOException;
}

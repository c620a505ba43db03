package dev.offramp.models;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.port.PreparedStream;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * The port and the cable of a modelled adapter, and the TCP engine in its silicon. The emulator has
 * a kernel's TCP for it, tests a modelled one. For one thread at a time, the model's.
 */
public interface Link {
  /**
   * Takes a 4-tuple: from now on the peer's segments come here and not to the host, and nobody
   * answers them.
   *
   * @throws IOException when it cannot be taken; it is then where it was
   */
  Claim claim(InetSocketAddress local, InetSocketAddress remote) throws IOException;

  /** A 4-tuple that belongs to the adapter. */
  interface Claim extends AutoCloseable {
    /**
     * Puts a connection in, silent until it is activated. Once for each claim, or again after the
     * stream was abandoned.
     *
     * @param decoded what the vendor's commands said, and nothing else; bytes of the queues too
     * @throws TransferException when TCP cannot take it
     */
    PreparedStream install(IwarpConnectionDescriptor decoded) throws TransferException;

    /**
     * Stops the running connection and describes it, for a hand-back: released, it is gone without
     * a segment; resumed, it goes on.
     *
     * @throws TransferException when it cannot be stopped; it goes on
     */
    Departure stop() throws TransferException;

    /**
     * Gives the 4-tuple up: segments go to the host again. A connection that is still there ends
     * without a segment. Idempotent.
     */
    @Override
    void close();
  }
}

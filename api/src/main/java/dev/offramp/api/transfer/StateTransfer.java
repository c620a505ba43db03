package dev.offramp.api.transfer;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import org.apiguardian.api.API;

/**
 * An owner of TCP connections: the host's stack, or an RNIC. All owners give up and take over
 * connections through this one interface, so that host to RNIC, RNIC to host, RNIC to RNIC and host
 * to host are the same two-phase move:
 *
 * <ol>
 *   <li>{@link #admits} refuses, or says what would be lost, while nothing is stopped;
 *   <li>{@link #depart} stops the connection at its old owner and describes it; the new owner's
 *       {@link #arrive} prepares it there, silent. All that can fail fails here, and closing what
 *       was obtained so far lets the same connection go on at its old owner;
 *   <li>{@link Departure#release} and then {@link Arrival#activate} commit.
 * </ol>
 *
 * <p>At every instant exactly one owner may send. Methods may be called from any thread; a single
 * departure or arrival belongs to one thread at a time.
 *
 * @param <C> what this owner calls a connection
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface StateTransfer<C> {
  /** The owner's name in messages, reports and journals: {@code linux}, {@code softiwarp}. */
  String ownerName();

  /**
   * Whether this owner would take a connection over, from facts that need no freeze. Never blocks,
   * and changes nothing.
   */
  Admission admits(ConnectionProfile profile);

  /**
   * Stops {@code connection} and describes it. Until {@link Departure#release} it can be resumed
   * unharmed.
   *
   * @throws TransferException when it cannot be stopped or described; it then goes on as before
   */
  Departure depart(C connection) throws TransferException;

  /**
   * Prepares a connection: afterwards this owner holds the 4-tuple and all resources, and neither
   * sends nor accepts a segment before {@link Arrival#activate}.
   *
   * @throws TransferException when it cannot; nothing is left behind
   */
  Arrival<C> arrive(IwarpConnectionDescriptor descriptor) throws TransferException;
}

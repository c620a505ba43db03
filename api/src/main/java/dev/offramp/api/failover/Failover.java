package dev.offramp.api.failover;

import dev.offramp.api.transfer.TransferException;
import org.apiguardian.api.API;

/**
 * Keeps connections alive when their RNIC is not: moves all that an RNIC has to others that are
 * willing, when the device says that it is failing, or when somebody drains it. Made by {@link
 * dev.offramp.api.Offramp#failover}; in force until it is closed. Safe for use by several threads.
 *
 * <p>An RNIC that is being left takes no new connections, until {@link #readmit}.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public interface Failover extends AutoCloseable {
  /**
   * Moves all connections away from an RNIC, and waits until that is done. The connections work on;
   * each stands still only for its own move.
   *
   * @param rnic its name; one that is not open has no connections
   * @return what was moved, and what could not be
   * @throws TransferException when it is being left already
   */
  FailoverReport drain(String rnic) throws TransferException;

  /** The RNIC takes connections again. */
  void readmit(String rnic);

  /** Devices that fail are left alone from now on; a drain under way goes on. Idempotent. */
  @Override
  void close();
}

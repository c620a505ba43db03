package dev.offramp.api.transfer;

import org.apiguardian.api.API;

/** Told of the steps of moves. Called on the moving thread, so it should return at once. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
@FunctionalInterface
public interface TransferListener {
  /** Listens to nothing. */
  TransferListener NONE = (step, owner, startNanos, endNanos) -> {};

  /**
   * A step has ended, well or not.
   *
   * @param step which one
   * @param owner who carried it out, by {@link StateTransfer#ownerName}
   * @param startNanos {@link System#nanoTime} when it began
   * @param endNanos {@link System#nanoTime} when it ended
   */
  void step(TransferStep step, String owner, long startNanos, long endNanos);
}

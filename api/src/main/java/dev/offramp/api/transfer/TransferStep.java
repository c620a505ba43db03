package dev.offramp.api.transfer;

import org.apiguardian.api.API;

/** The steps of a move, in their order. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum TransferStep {
  /** Asking whether the old and the new owner are willing. Nothing is stopped. */
  ADMIT,
  /** Keeping application threads away. */
  EXCLUDE,
  /** Waiting, with a deadline, for bytes on their way. */
  DRAIN,
  /** Stopping the old owner. */
  FREEZE,
  /** Stopping input at the old owner, where something else does that than what stops the rest. */
  FENCE,
  /** Reading its state. */
  DESCRIBE,
  /** Building the connection at the new owner. */
  PREPARE,
  /** Leading the peer's segments to the new owner. */
  STEER,
  /** The old owner gives up. */
  RELEASE,
  /** The new owner speaks. */
  ACTIVATE,
  /** Undoing a move that did not succeed. */
  RESUME
}

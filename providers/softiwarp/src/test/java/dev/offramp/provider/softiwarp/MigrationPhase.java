package dev.offramp.provider.softiwarp;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import java.util.function.Consumer;

/** How far a migration has come, as its sender sees it. */
enum MigrationPhase {
  /** The receiver would take it; it runs. */
  ASKED,
  /** Stopped, and nothing said of that. */
  STOPPED,
  /** Half of its memory has been sent. No step of the sender's ends here. */
  IN_MEMORY,
  /** Complete at the receiver, and silent. */
  PREPARED,
  /** The peer's segments are led over. */
  LED_OVER,
  /** The sender has let go, and has not said so. */
  RELEASED,
  /** The receiver has said that it runs. */
  ACTIVE;

  /** What the sender calls the receiver. */
  static final String RECEIVER = "another process";

  /** A listener for the moves to {@link #RECEIVER}. */
  static TransferListener listener(Consumer<MigrationPhase> told) {
    int[] admissions = new int[1];
    return (step, owner, startNanos, endNanos) -> {
      if (step == TransferStep.ADMIT && owner.equals(RECEIVER)) {
        told.accept(admissions[0]++ == 0 ? ASKED : STOPPED);
      } else if (step == TransferStep.PREPARE && owner.equals(RECEIVER)) {
        told.accept(PREPARED);
      } else if (step == TransferStep.RELEASE && admissions[0] > 0) {
        told.accept(RELEASED);
      }
    };
  }
}

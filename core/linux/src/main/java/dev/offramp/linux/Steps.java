package dev.offramp.linux;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;

/** Times the steps of one move, and remembers which one was being done. For one thread. */
final class Steps {
  private final TransferListener listener;
  private TransferStep current = TransferStep.ADMIT;
  private long startNanos;

  Steps(TransferListener listener) {
    this.listener = listener;
  }

  /** A step begins; {@link #end} is to be called whatever becomes of it. */
  void begin(TransferStep step) {
    current = step;
    startNanos = System.nanoTime();
  }

  /** Tells of the step that was begun last. */
  void end() {
    listener.step(current, HostStack.OWNER_NAME, startNanos, System.nanoTime());
  }

  /** The last step that was begun. */
  TransferStep current() {
    return current;
  }
}

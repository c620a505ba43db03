package dev.offramp.linux;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;
import java.io.IOException;

/** Times the steps of one move, and remembers which one was being done. For one thread. */
final class Steps {
  private final TransferListener listener;
  private TransferStep current = TransferStep.ADMIT;

  Steps(TransferListener listener) {
    this.listener = listener;
  }

  <T> T run(TransferStep step, Work<T> work) throws IOException {
    current = step;
    long start = System.nanoTime();
    try {
      return work.run();
    } finally {
      listener.step(step, HostStack.OWNER_NAME, start, System.nanoTime());
    }
  }

  void go(TransferStep step, Action action) throws IOException {
    run(
        step,
        () -> {
          action.run();
          return step;
        });
  }

  /** The last step that was begun. */
  TransferStep current() {
    return current;
  }

  interface Work<T> {
    T run() throws IOException;
  }

  interface Action {
    void run() throws IOException;
  }
}

package dev.offramp.runtime.transfer;

import dev.offramp.api.transfer.TransferListener;
import dev.offramp.api.transfer.TransferStep;

/**
 * A listener whose exceptions do no harm: thrown between a release and an activation, they would
 * leave a connection without any owner.
 */
public final class GuardedListener implements TransferListener {
  private static final System.Logger LOG = System.getLogger(GuardedListener.class.getName());

  private final TransferListener listener;

  private GuardedListener(TransferListener listener) {
    this.listener = listener;
  }

  /** A listener around {@code listener}. */
  public static TransferListener of(TransferListener listener) {
    return listener instanceof GuardedListener ? listener : new GuardedListener(listener);
  }

  @Override
  public void step(TransferStep step, String owner, long startNanos, long endNanos) {
    try {
      listener.step(step, owner, startNanos, endNanos);
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "a transfer listener threw at step " + step, e);
    }
  }
}

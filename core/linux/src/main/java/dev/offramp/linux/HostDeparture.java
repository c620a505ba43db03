package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection stopped on this host. Works on a descriptor of its own (a duplicate), so that
 * whatever an application does with the channel meanwhile, no call can hit another file.
 */
final class HostDeparture implements Departure {
  private final SocketChannel channel;
  private final @Nullable GatedChannel gate;
  private final StoppedSocket stopped;
  private final IwarpConnectionDescriptor descriptor;
  private final Steps steps;
  private State state = State.STOPPED;

  HostDeparture(
      SocketChannel channel,
      @Nullable GatedChannel gate,
      StoppedSocket stopped,
      IwarpConnectionDescriptor descriptor,
      Steps steps) {
    this.channel = channel;
    this.gate = gate;
    this.stopped = stopped;
    this.descriptor = descriptor;
    this.steps = steps;
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void release() {
    if (state != State.STOPPED) {
      throw new IllegalStateException("already " + state);
    }
    state = State.RELEASED;
    steps.begin(TransferStep.RELEASE);
    try {
      stopped.destroy();
      channel.close();
    } catch (IOException e) {
      // Closing a descriptor gives it back whatever it returns (close(2), Linux).
    } finally {
      steps.end();
      openGate();
    }
  }

  @Override
  public void resume() throws TransferException {
    if (state == State.RELEASED) {
      throw new IllegalStateException("already released");
    }
    if (state == State.RESUMED) {
      return;
    }
    steps.begin(TransferStep.RESUME);
    try {
      stopped.resume();
      state = State.RESUMED;
    } catch (IOException e) {
      throw resumeFailed(stopped, e);
    } finally {
      steps.end();
      if (!stopped.isStopped()) {
        state = State.RESUMED;
        openGate();
      }
    }
  }

  static TransferException resumeFailed(StoppedSocket stopped, Exception cause) {
    boolean frozen = stopped.isStopped();
    return new TransferException(
        TransferStep.RESUME,
        frozen ? Whereabouts.FROZEN : Whereabouts.OLD_OWNER,
        frozen
            ? "the kernel refuses to let the connection go on; call resume() again if there is a"
                + " departure, or close the channel: "
                + cause.getMessage()
            : "the connection goes on, but not all of its options could be restored: "
                + cause.getMessage(),
        cause);
  }

  private void openGate() {
    if (gate != null) {
      gate.reopen();
    }
  }

  @Override
  public void close() throws TransferException {
    if (state == State.STOPPED) {
      resume();
    }
  }

  private enum State {
    STOPPED,
    RESUMED,
    RELEASED
  }
}

package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A connection stopped on this host. Works on a descriptor of its own (a duplicate), so that
 * whatever an application does with the channel meanwhile, no call can hit another file.
 */
final class HostDeparture implements Departure {
  private final Kernel kernel;
  private final SocketChannel channel;
  private final @Nullable GatedChannel gate;
  private final StoppedSocket stopped;
  private final IwarpConnectionDescriptor descriptor;
  private final Steps steps;
  private State state = State.STOPPED;

  HostDeparture(
      Kernel kernel,
      SocketChannel channel,
      @Nullable GatedChannel gate,
      StoppedSocket stopped,
      IwarpConnectionDescriptor descriptor,
      Steps steps) {
    this.kernel = kernel;
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
      stopped.resume(kernel.descriptors(), channel);
      state = State.RESUMED;
    } catch (IOException e) {
      throw kernel.resumeFailed(stopped, e);
    } finally {
      steps.end();
      if (stopped.isStopped()) {
        kernel.standing().add(channel, this::resume);
      } else {
        state = State.RESUMED;
        kernel.standing().remove(channel);
        openGate();
      }
    }
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

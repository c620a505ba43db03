package dev.offramp.linux;

import dev.offramp.api.transfer.Arrival;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.linux.tcp.FreshSocket;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;

/** A connection that is complete on this host, fenced and in repair: silent. */
final class HostArrival implements Arrival<SocketChannel> {
  private final SocketChannel channel;
  private final FreshSocket fresh;
  private final Steps steps;
  private State state = State.PREPARED;

  HostArrival(SocketChannel channel, FreshSocket fresh, Steps steps) {
    this.channel = channel;
    this.fresh = fresh;
    this.steps = steps;
  }

  @Override
  public SocketChannel activate() {
    if (state != State.PREPARED) {
      throw new IllegalStateException("already " + state);
    }
    state = State.ACTIVATED;
    steps.begin(TransferStep.ACTIVATE);
    try {
      fresh.activate();
    } catch (IOException e) {
      // What the channel does from now on fails with ECONNABORTED: the death is reported there.
      fresh.destroy();
      if (Kernel.isHelperMissing(e)) {
        throw withoutHelper(e);
      }
    } finally {
      steps.end();
    }
    return channel;
  }

  /** Not a dead connection but a lost one: its descriptor is good as long as the peer waits. */
  private UncheckedIOException withoutHelper(IOException failure) {
    Installer.discard(channel, null);
    return new UncheckedIOException(
        "no helper answered in time to let the connection speak here; start one, and let the"
            + " descriptor arrive again: "
            + failure.getMessage(),
        failure);
  }

  @Override
  public void abandon() {
    if (state == State.PREPARED) {
      state = State.ABANDONED;
      Installer.discard(channel, fresh);
    }
  }

  private enum State {
    PREPARED,
    ACTIVATED,
    ABANDONED
  }
}

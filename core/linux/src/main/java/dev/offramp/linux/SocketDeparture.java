package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * A connection that this process uses no more, and whose TCP goes on: its socket can be given to
 * another process of the same kernel ({@link PassingLink#send}). Made by {@link SocketPassing}.
 * Nothing is frozen: the kernel goes on receiving, acknowledging and sending what it has. For one
 * thread at a time.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class SocketDeparture implements Departure {
  private final SocketChannel channel;
  private final @Nullable GatedChannel gate;
  private final StoppedSocket held;
  private final IwarpConnectionDescriptor descriptor;
  private State state = State.STOPPED;

  SocketDeparture(
      SocketChannel channel,
      @Nullable GatedChannel gate,
      StoppedSocket held,
      IwarpConnectionDescriptor descriptor) {
    this.channel = channel;
    this.gate = gate;
    this.held = held;
    this.descriptor = descriptor;
  }

  /** Its addresses and what TCP says of itself; no sequence numbers and no queues. */
  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  /** The descriptor to be passed, which nobody else in this process knows. */
  int number() {
    if (state != State.STOPPED) {
      throw new IllegalStateException("already " + state);
    }
    return held.socket().fd();
  }

  /** Closes what this process has of it. Nothing is shut down: another process has it. */
  @Override
  public void release() {
    if (state != State.STOPPED) {
      throw new IllegalStateException("already " + state);
    }
    state = State.RELEASED;
    try {
      channel.close();
    } catch (IOException e) {
      // Closing a descriptor gives it back whatever it returns (close(2), Linux).
    } finally {
      letGo();
    }
  }

  /** The application goes on with it here. Cannot fail: nothing was stopped but the application. */
  @Override
  public void resume() {
    if (state == State.RELEASED) {
      throw new IllegalStateException("already released");
    }
    if (state == State.STOPPED) {
      state = State.RESUMED;
      letGo();
    }
  }

  private void letGo() {
    held.letGo();
    if (gate != null) {
      gate.reopen();
    }
  }

  @Override
  public void close() {
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

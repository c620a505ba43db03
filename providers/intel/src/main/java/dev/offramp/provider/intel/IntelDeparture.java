package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.TransferException;

/**
 * A connection that the device has frozen: see {@link Standstill}. For one thread at a time.
 *
 * <p><b>Inference:</b> RESUME_QP lets it go on; DESTROY_QP without more ends it without a segment.
 */
final class IntelDeparture implements Departure {
  private final Adapter adapter;
  private final IntelConnection connection;
  private final IwarpConnectionDescriptor descriptor;
  private State state = State.STOPPED;

  private enum State {
    STOPPED,
    RESUMED,
    RELEASED
  }

  private IntelDeparture(
      Adapter adapter, IntelConnection connection, IwarpConnectionDescriptor descriptor) {
    this.adapter = adapter;
    this.connection = connection;
    this.descriptor = descriptor;
  }

  /**
   * Stops a connection.
   *
   * @throws TransferException as {@link Standstill#reach}
   */
  static IntelDeparture of(Adapter adapter, IntelConnection connection, DepartureNeeds needs)
      throws TransferException {
    return new IntelDeparture(adapter, connection, Standstill.reach(adapter, connection, needs));
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
    connection.leave();
  }

  @Override
  public void resume() throws TransferException {
    if (state == State.RELEASED) {
      throw new IllegalStateException("already released");
    }
    close();
  }

  @Override
  public void close() throws TransferException {
    if (state == State.STOPPED) {
      state = State.RESUMED;
      Standstill.undo(adapter, connection);
    }
  }
}

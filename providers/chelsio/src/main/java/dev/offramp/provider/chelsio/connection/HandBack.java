package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.spi.RnicException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a connection leaves the chip: it is quiesced at an instant of rest, the control block is
 * read, and the connection is aborted without a RST once its new owner holds the 4-tuple.
 * Inference: no public driver takes a connection back; quiescing is ktls's, reading the block is
 * the vendor's debugging aid. For one thread at a time.
 */
public final class HandBack implements Departure {
  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final IwarpConnectionDescriptor descriptor;
  private boolean released;
  private boolean resumed;

  private HandBack(
      Adapter adapter, ChelsioConnection connection, IwarpConnectionDescriptor descriptor) {
    this.adapter = adapter;
    this.connection = connection;
    this.descriptor = descriptor;
  }

  /**
   * Stops a connection, with its traffic under way.
   *
   * @param timeout how long coming to rest may take
   * @throws TransferException when it does not in that time, or the adapter does not do it; it goes
   *     on as before
   */
  public static HandBack depart(Adapter adapter, ChelsioConnection connection, Duration timeout)
      throws TransferException {
    boolean arrived = connection.requests() != null;
    if (!arrived || connection.serial().isHeld()) {
      throw Stopping.refused(
          TransferStep.EXCLUDE,
          RefusalReason.CHANNEL_IN_USE,
          !arrived ? "a connection that has not arrived" : "a completion handler's call",
          "a connection at work, and a thread of its own",
          "move it later, or from another thread");
    }
    if (!connection.beginDeparture()) {
      throw Stopping.refused(
          TransferStep.EXCLUDE,
          RefusalReason.CHANNEL_IN_USE,
          "another departure of this connection",
          "one at a time",
          "try again afterwards");
    }
    @Nullable HandBack handBack = null;
    try {
      handBack =
          new HandBack(
              adapter, connection, new Stopping(adapter, connection, timeout.toNanos()).stop());
      return handBack;
    } catch (RnicException e) {
      throw new TransferException(
          TransferStep.FREEZE,
          Whereabouts.OLD_OWNER,
          connection.ownerName() + ": " + e.getMessage(),
          e);
    } finally {
      if (handBack == null) {
        connection.goOn();
      }
    }
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    return descriptor;
  }

  @Override
  public void release() {
    if (released || resumed) {
      throw new IllegalStateException("already " + (released ? "released" : "resumed"));
    }
    released = true;
    connection.leave();
  }

  @Override
  public void resume() throws TransferException {
    if (released) {
      throw new IllegalStateException("already released");
    }
    if (resumed) {
      return;
    }
    resumed = true;
    try {
      Stopping.goOn(adapter, connection);
    } catch (RnicException e) {
      throw new TransferException(
          TransferStep.RESUME, Whereabouts.LOST, connection.ownerName() + ": " + e.getMessage(), e);
    } finally {
      connection.goOn();
    }
  }

  @Override
  public void close() throws TransferException {
    if (!released) {
      resume();
    }
  }
}

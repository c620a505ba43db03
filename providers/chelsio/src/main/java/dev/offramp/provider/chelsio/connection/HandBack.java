package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Patience;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.spi.RnicException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a connection leaves the chip: both directions are quiesced, the control block is read, and
 * the connection is aborted without a RST once its new owner holds the 4-tuple. Inference: no
 * public driver takes a connection back; quiescing is ktls's, reading the block is the vendor's
 * debugging aid. For one thread at a time.
 */
public final class HandBack implements Departure {
  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final FlowRequests requests;
  private @Nullable IwarpConnectionDescriptor descriptor;
  private boolean released;
  private boolean resumed;

  private HandBack(Adapter adapter, ChelsioConnection connection, FlowRequests requests) {
    this.adapter = adapter;
    this.connection = connection;
    this.requests = requests;
  }

  /**
   * Stops a connection, when it is quiet.
   *
   * @throws TransferException when it is not, or the adapter does not do it; it goes on as before
   */
  public static HandBack depart(Adapter adapter, ChelsioConnection connection)
      throws TransferException {
    FlowRequests requests = connection.requests();
    if (requests == null) {
      throw refused(RefusalReason.CLOSED, "a connection that has not arrived", "a running one");
    }
    hold(connection);
    HandBack handBack = new HandBack(adapter, connection, requests);
    try {
      handBack.stop();
      return handBack;
    } catch (TransferException e) {
      letGo(connection);
      throw e;
    } catch (RnicException e) {
      letGo(connection);
      throw new TransferException(
          TransferStep.FREEZE,
          Whereabouts.OLD_OWNER,
          connection.ownerName() + ": " + e.getMessage(),
          e);
    }
  }

  private static void hold(ChelsioConnection connection) throws TransferException {
    connection.serial().enter();
    try {
      connection.reap();
      if (connection.life().phase() != StreamLife.Phase.RUNNING
          || connection.life().isPeerClosed()
          || connection.life().end() != null) {
        throw refused(
            RefusalReason.CLOSED, "an iWARP stream that ends or has ended", "a running one");
      }
      if (!connection.sends().isIdle()) {
        throw refused(
            RefusalReason.NOT_QUIET, "work requests under way", "all that was posted completed");
      }
      connection.suspend(true);
    } finally {
      connection.serial().exit();
    }
  }

  private static void letGo(ChelsioConnection connection) {
    connection.serial().enter();
    try {
      connection.suspend(false);
    } finally {
      connection.serial().exit();
    }
  }

  private static TransferException refused(RefusalReason reason, String seen, String expected) {
    return TransferException.refused(
        TransferStep.FREEZE,
        List.of(new Refusal(reason, seen, expected, "wait until the connection is quiet")));
  }

  private void stop() throws RnicException, TransferException {
    Patience patience = new Patience(adapter.context()::nanoTime, connection.lingerNanos());
    while (true) {
      Reply quiesced = requests.quiesce(true, 0);
      adapter.await(quiesced);
      if (quiesced.status() != 0) {
        goOn();
        throw refused(
            RefusalReason.NOT_QUIET,
            "CPL error " + quiesced.status() + " when both directions are quiesced",
            "a connection that can be stopped");
      }
      Refusal refusal;
      try {
        refusal = read();
      } catch (RnicException e) {
        goOn();
        throw e;
      }
      if (refusal == null) {
        return;
      }
      goOn();
      if (refusal.reason() != RefusalReason.UNACKNOWLEDGED_BYTES || patience.isOver()) {
        throw TransferException.refused(TransferStep.FREEZE, List.of(refusal));
      }
      patience.pause();
    }
  }

  /** Reads the block; why it cannot travel, or null when it can. */
  private @Nullable Refusal read() throws RnicException {
    Reply reply = requests.read();
    adapter.awaitCpl(reply);
    CplGetTcbRpl block = new CplGetTcbRpl();
    block.at(reply.bytes(), 0);
    connection.serial().enter();
    try {
      connection.reap();
      StoppedState state =
          new StoppedState(
              block,
              connection.plan(),
              connection.sends().nextSendNumber(),
              connection.sends().nextReadNumber(),
              connection.receives().nextNumber());
      Refusal refusal = state.refusal();
      if (refusal == null) {
        descriptor = connection.amended(state.descriptor());
      }
      return refusal;
    } finally {
      connection.serial().exit();
    }
  }

  /** Lets the chip go on; when it does not, the connection is of no use any more. */
  private void goOn() throws RnicException {
    try {
      adapter.awaitCpl(requests.quiesce(false, 0));
    } catch (RnicException e) {
      connection.abort();
      throw e;
    }
  }

  @Override
  public IwarpConnectionDescriptor descriptor() {
    IwarpConnectionDescriptor known = descriptor;
    if (known == null) {
      throw new IllegalStateException("the connection has not been stopped");
    }
    return known;
  }

  @Override
  public void release() {
    if (released || resumed) {
      throw new IllegalStateException("already " + (released ? "released" : "resumed"));
    }
    released = true;
    connection.abandon();
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
      goOn();
    } catch (RnicException e) {
      throw new TransferException(
          TransferStep.RESUME, Whereabouts.LOST, connection.ownerName() + ": " + e.getMessage(), e);
    }
    letGo(connection);
  }

  @Override
  public void close() throws TransferException {
    if (!released) {
      resume();
    }
  }
}

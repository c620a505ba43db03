package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.Patience;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.spi.RnicException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Stops a running connection at an instant at which it can be described, whatever the peer sends
 * meanwhile.
 *
 * <pre>
 *  work that is posted from now on waits; what has begun completes
 *  RX_QUIESCE                the message under way is taken, and no further one (inference)
 *  CPL_GET_TCB, repeated     until the peer's Reads are answered, and all is acknowledged
 *  TX_QUIESCE, RX_QUIESCE    from here on the application's threads wait
 *  CPL_GET_TCB               what is described
 * </pre>
 *
 * A chip that is quiesced in the middle of an FPDU never comes to rest that way; so after a while
 * it goes on, and is asked again. For one thread, and one stop.
 */
final class Stopping {
  /** As long as the end of a message may take that is under way, lost segments included. */
  private static final long TRY_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

  private static final String REMEDY = "give the move more time, or pause the traffic";

  private final Adapter adapter;
  private final ChelsioConnection connection;
  private final Patience patience;
  private final long timeoutNanos;
  private final CplGetTcbRpl block = new CplGetTcbRpl();

  /**
   * Changes nothing yet.
   *
   * @param timeoutNanos how long it may take until the connection stands still
   */
  Stopping(Adapter adapter, ChelsioConnection connection, long timeoutNanos) {
    this.adapter = adapter;
    this.connection = connection;
    this.timeoutNanos = timeoutNanos;
    this.patience = new Patience(adapter.context()::nanoTime, timeoutNanos);
  }

  /**
   * Stops it.
   *
   * @return what it is then
   * @throws TransferException when it cannot be stopped, or does not come to rest in time; the chip
   *     goes on, and the caller lets the application go on
   * @throws RnicException when the adapter does not do it; likewise, or the connection has ended
   */
  IwarpConnectionDescriptor stop() throws TransferException, RnicException {
    hold();
    while (true) {
      Patience slice = new Patience(adapter.context()::nanoTime, Math.min(TRY_NANOS, timeoutNanos));
      Refusal unrest;
      boolean stopped = false;
      try {
        quiesce(FlowRequests::quiesceInput);
        unrest = comeToRest(slice);
        stopped = unrest == null;
      } finally {
        if (!stopped) {
          goOn();
        }
      }
      if (unrest == null) {
        return describe();
      }
      if (unrest.reason() != RefusalReason.NOT_QUIET || patience.isOver()) {
        throw TransferException.refused(TransferStep.DRAIN, List.of(unrest));
      }
      patience.pause();
    }
  }

  /** No further work begins from now on; waits until what has begun is done. */
  private void hold() throws TransferException {
    connection.serial().enter();
    try {
      connection.reap();
      requireRunning();
      connection.hold();
      while (!connection.sends().isBegunDone()) {
        if (patience.isOver()) {
          throw refused(
              TransferStep.DRAIN,
              RefusalReason.NOT_QUIET,
              "work of this end's without its completion",
              "all that had begun completed",
              REMEDY);
        }
        connection.awaitNewsAnyway(patience.leftNanos(), true);
        connection.reap();
        requireRunning();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refused(
          TransferStep.DRAIN,
          RefusalReason.NOT_QUIET,
          "an interrupted thread",
          "one that can wait",
          "move it from another thread");
    } finally {
      connection.serial().exit();
    }
  }

  private void requireRunning() throws TransferException {
    StreamLife life = connection.life();
    if (life.phase() != StreamLife.Phase.RUNNING || life.isPeerClosed() || life.end() != null) {
      throw ended();
    }
    if (life.isClosing()) {
      throw refused(
          TransferStep.EXCLUDE,
          RefusalReason.HALF_CLOSED,
          "an iWARP stream that is being closed",
          "one that nobody closes",
          "let it end");
    }
  }

  private static TransferException ended() {
    return refused(
        TransferStep.EXCLUDE,
        RefusalReason.CLOSED,
        "an iWARP stream that ends or has ended",
        "a running one",
        "connect anew");
  }

  static TransferException refused(
      TransferStep step, RefusalReason reason, String seen, String expected, String remedy) {
    return TransferException.refused(step, List.of(new Refusal(reason, seen, expected, remedy)));
  }

  private Reply ask(ChelsioConnection.Request request) throws RnicException, TransferException {
    Reply reply = connection.ask(request);
    if (reply == null) {
      throw ended();
    }
    return reply;
  }

  private void quiesce(ChelsioConnection.Request request) throws RnicException, TransferException {
    Reply reply = ask(request);
    adapter.await(reply);
    if (reply.status() != 0) {
      throw refused(
          TransferStep.FREEZE,
          RefusalReason.NOT_QUIET,
          "CPL error " + reply.status() + " when the connection is quiesced",
          "a connection that can be stopped",
          "try again");
    }
  }

  /** Why it does not stand still and can be described; null when it does. */
  private @Nullable Refusal comeToRest(Patience slice) throws RnicException, TransferException {
    while (true) {
      Refusal unrest = look();
      // Where there is no time, this instant may be as good as another.
      if (unrest == null || (unrest.reason() == RefusalReason.NOT_QUIET && patience.isOver())) {
        unrest = stopAll();
      }
      if (unrest == null
          || unrest.reason() != RefusalReason.NOT_QUIET
          || slice.isOver()
          || patience.isOver()) {
        return unrest;
      }
      slice.pause();
    }
  }

  /** Stops output as well, and looks once more; when that was too early output goes on. */
  private @Nullable Refusal stopAll() throws RnicException, TransferException {
    exclude(true);
    quiesce(tid -> tid.quiesce(true, 0));
    Refusal unrest = look();
    if (unrest != null) {
      exclude(false);
      quiesce(FlowRequests::quiesceInput);
    }
    return unrest;
  }

  /** Has the application's threads wait, or lets them in again. */
  private void exclude(boolean on) {
    connection.serial().enter();
    try {
      if (on) {
        connection.gate().stop();
      } else {
        connection.gate().goOn();
      }
    } finally {
      connection.serial().exit();
    }
  }

  /** Reads the block; why it cannot travel, or null when it can. */
  private @Nullable Refusal look() throws RnicException, TransferException {
    Reply reply = ask(FlowRequests::read);
    adapter.awaitCpl(reply);
    block.at(reply.bytes(), 0);
    connection.serial().enter();
    try {
      connection.reap();
      requireRunning();
      return StoppedState.refusal(
          block, connection.receives().nextNumber(), connection.isIndicationAnswered());
    } finally {
      connection.serial().exit();
    }
  }

  /** An end that the chip has told of since the last look is one here. */
  private IwarpConnectionDescriptor describe() throws TransferException {
    connection.serial().enter();
    try {
      if (connection.life().end() != null) {
        throw ended();
      }
      connection.life().described();
      return new Description(block, connection).build();
    } finally {
      connection.serial().exit();
    }
  }

  /** Lets the chip go on; when it does not, the connection is of no use any more. */
  private void goOn() throws RnicException {
    goOn(adapter, connection);
  }

  /**
   * Lets the chip go on; when it does not, the connection is of no use any more.
   *
   * @throws RnicException then; the connection is aborted
   */
  static void goOn(Adapter adapter, ChelsioConnection connection) throws RnicException {
    try {
      Reply reply = connection.ask(tid -> tid.quiesce(false, 0));
      if (reply != null) {
        adapter.awaitCpl(reply);
      }
    } catch (RnicException e) {
      connection.abortAnyway();
      throw e;
    }
  }
}

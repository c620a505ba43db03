package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.TransferStep;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.provider.intel.layout.CompletionEntry;
import dev.offramp.provider.intel.layout.QpContext;
import dev.offramp.spi.port.DmaSlab;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings a connection to a moment at which it can be described, and stops it there: the
 * application's threads wait, what was posted completes, and then the device is asked to freeze,
 * again and again, until it says that nothing is under way. Meanwhile the peer may send all the
 * time. When the time is over the connection goes on, and nothing has changed.
 *
 * <p><b>Inference:</b> the order SUSPEND_QP, UPLOAD_CONTEXT with freeze, RESUME_QP; that the device
 * refuses to freeze while RDMA is under way, and goes on meanwhile. The vendor's driver encodes
 * these commands and never hands a connection back.
 */
final class Standstill {
  /** Between two tries: about what a few segments take. */
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(50);

  private final Adapter adapter;
  private final IntelConnection connection;
  private final long timeoutNanos;
  private final long beginNanos;

  private Standstill(Adapter adapter, IntelConnection connection, DepartureNeeds needs) {
    this.adapter = adapter;
    this.connection = connection;
    this.timeoutNanos = needs.timeout().toNanos();
    this.beginNanos = adapter.context().nanoTime();
  }

  /**
   * Stops a connection.
   *
   * @return what it is now; {@link #undo} or {@link IntelConnection#leave} is to follow
   * @throws TransferException when it cannot be stopped or described; it then goes on, except where
   *     the exception says otherwise
   */
  static IwarpConnectionDescriptor reach(
      Adapter adapter, IntelConnection connection, DepartureNeeds needs) throws TransferException {
    Standstill standstill = new Standstill(adapter, connection, needs);
    standstill.exclude();
    boolean suspended = false;
    try {
      standstill.awaitWork();
      connection.queuePair().suspend();
      suspended = true;
      IwarpConnectionDescriptor described = standstill.describe();
      standstill.requireDescribed();
      return described;
    } catch (TransferException | CommandException | RuntimeException e) {
      if (adapter.failure() != null) {
        throw lost(adapter, connection, TransferStep.FREEZE, e);
      }
      if (suspended) {
        goOn(adapter, connection, e);
      } else {
        connection.goOn();
      }
      throw failed(e);
    }
  }

  private static TransferException failed(Exception e) {
    return e instanceof TransferException refused
        ? refused
        : new TransferException(
            TransferStep.FREEZE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
  }

  // ---- exclusion

  private void exclude() throws TransferException {
    if (connection.isNested()) {
      throw refused(
          TransferStep.EXCLUDE,
          RefusalReason.CHANNEL_IN_USE,
          "a completion handler's call",
          "a thread of its own",
          "move it from another thread");
    }
    connection.enter();
    try {
      connection.drain();
      requireRunning(connection);
      connection.stop();
    } finally {
      connection.exit();
    }
  }

  /** Under the lock. */
  private static void requireRunning(IntelConnection connection) throws TransferException {
    StreamLife life = connection.life();
    if (life.phase() != StreamLife.Phase.RUNNING) {
      boolean ended = life.end() != null;
      throw refused(
          TransferStep.EXCLUDE,
          ended ? RefusalReason.CLOSED : RefusalReason.HALF_CLOSED,
          "an iWARP stream that is " + life.phase(),
          "one that runs",
          ended ? "connect anew" : "wait until it runs, or let it end");
    }
  }

  private void requireRunning() throws TransferException {
    connection.enterAnyway();
    try {
      requireRunning(connection);
    } finally {
      connection.exit();
    }
  }

  /** Nothing has ended it meanwhile; from now on its device's failure does not. */
  private void requireDescribed() throws TransferException {
    connection.enterAnyway();
    try {
      requireRunning(connection);
      connection.described();
    } finally {
      connection.exit();
    }
  }

  // ---- rest

  /** What this end has posted completes; nobody posts more. */
  private void awaitWork() throws TransferException {
    QueueMemory memory = connection.queuePair().memory();
    boolean done;
    try {
      done =
          connection
              .watch()
              .awaitStopped(
                  timeoutNanos, () -> !memory.sends().hasWork() || !connection.life().isServed());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notQuiet("an interrupted thread");
    }
    requireRunning();
    if (!done) {
      throw notQuiet("work requests that are posted and not done");
    }
  }

  private TransferException notQuiet(String seen) {
    return refused(
        TransferStep.DRAIN,
        RefusalReason.NOT_QUIET,
        seen + " after " + TimeUnit.NANOSECONDS.toMillis(timeoutNanos) + " ms",
        "a moment at which nothing is under way",
        "give the move more time, or pause the traffic");
  }

  private static TransferException refused(
      TransferStep step, RefusalReason reason, String seen, String expected, String remedy) {
    return TransferException.refused(step, List.of(new Refusal(reason, seen, expected, remedy)));
  }

  private static boolean isUnderWay(CommandException e) {
    return e.majorError() != CommandException.SILENT
        && e.minorError() == CompletionEntry.CQP_MINOR_SUSPEND_PENDING;
  }

  private IwarpConnectionDescriptor describe() throws CommandException, TransferException {
    DmaSlab slab = adapter.window().allocate(QpContext.BYTES, QpContext.BYTES);
    boolean answered = true;
    try {
      upload(slab);
      QueueMemory memory = connection.queuePair().memory();
      UploadedContext uploaded =
          new UploadedContext(slab.segment(), memory.segment(), memory.sizes().contextOffset());
      return StoppedStream.describe(connection, uploaded);
    } catch (CommandException e) {
      answered = e.majorError() != CommandException.SILENT || adapter.failure() == null;
      throw e;
    } finally {
      if (answered) {
        slab.close();
      } else {
        adapter.keepUntilClosed("an uploaded context", slab::close);
      }
    }
  }

  /** Once more, as long as RDMA is under way and there is time. */
  private void upload(DmaSlab slab) throws CommandException, TransferException {
    while (true) {
      try {
        connection.queuePair().upload(slab.deviceAddress());
        return;
      } catch (CommandException e) {
        adapter.events().service();
        requireRunning();
        if (!isUnderWay(e)) {
          throw e;
        }
      }
      if (Thread.currentThread().isInterrupted()) {
        throw notQuiet("an interrupted thread");
      }
      if (adapter.context().nanoTime() - beginNanos >= timeoutNanos) {
        throw notQuiet("RDMA of the peer's that is under way");
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  // ---- and on again

  /**
   * Lets a connection go on that {@link #reach} has stopped.
   *
   * @throws TransferException when it has ended
   */
  static void undo(Adapter adapter, IntelConnection connection) throws TransferException {
    if (!goOn(adapter, connection, new IllegalStateException("resumed"))) {
      throw new TransferException(
          TransferStep.RESUME,
          Whereabouts.LOST,
          "the connection has ended while it was stopped: " + connection.life().end(),
          null);
    }
  }

  /**
   * Lets a connection go on that was suspended. What fails ends it, for nobody could run it.
   *
   * @param why it does not leave
   * @return false when it had ended before
   */
  private static boolean goOn(Adapter adapter, IntelConnection connection, Exception why)
      throws TransferException {
    try {
      return isRunning(connection) && resume(adapter, connection, why);
    } finally {
      connection.goOn();
    }
  }

  private static boolean isRunning(IntelConnection connection) {
    connection.enterAnyway();
    try {
      return connection.life().phase() == StreamLife.Phase.RUNNING;
    } finally {
      connection.exit();
    }
  }

  private static boolean resume(Adapter adapter, IntelConnection connection, Exception why)
      throws TransferException {
    try {
      connection.queuePair().resume();
      return true;
    } catch (CommandException e) {
      // Has it ended meanwhile, so that there was nothing to resume?
      adapter.events().service();
      if (!isRunning(connection)) {
        return false;
      }
      if (adapter.failure() != null) {
        throw lost(adapter, connection, TransferStep.RESUME, e);
      }
      connection.enterAnyway();
      try {
        connection.life().defective("stopped for a move and not resumed: " + e.getMessage());
      } finally {
        connection.exit();
      }
      e.addSuppressed(why);
      throw new TransferException(
          TransferStep.RESUME, Whereabouts.LOST, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * The device answers no more, and is reset, or has to be: nobody can say that the connection is
   * there, so it ends, with all others of the device.
   */
  private static TransferException lost(
      Adapter adapter, IntelConnection connection, TransferStep step, Exception why) {
    String failure = adapter.control().awaitFailure();
    connection.enterAnyway();
    try {
      connection.life().deviceFailed(failure);
    } finally {
      connection.exit();
    }
    connection.goOn();
    return new TransferException(step, Whereabouts.LOST, failure, why);
  }
}

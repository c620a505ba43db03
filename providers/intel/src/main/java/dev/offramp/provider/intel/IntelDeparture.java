package dev.offramp.provider.intel;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.transfer.Departure;
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

/**
 * A connection that the device has frozen. <b>Inference:</b> the order SUSPEND_QP, UPLOAD_CONTEXT
 * with freeze, and then RESUME_QP or the end without a segment; the vendor's driver never hands a
 * connection back.
 *
 * <p>The context has no field for an MSN. What this end sent and received is known from
 * completions; how many Reads the peer has sent only the device knows. So a connection whose peer
 * may send Reads, one with an IRD above 0, cannot be described.
 */
final class IntelDeparture implements Departure {
  private static final String SOURCE = "the driver's count of completions";
  private static final long UINT32 = 0xFFFF_FFFFL;

  private final IntelConnection connection;
  private final IwarpConnectionDescriptor descriptor;
  private State state = State.STOPPED;

  private enum State {
    STOPPED,
    RESUMED,
    RELEASED
  }

  private IntelDeparture(IntelConnection connection, IwarpConnectionDescriptor descriptor) {
    this.connection = connection;
    this.descriptor = descriptor;
  }

  /**
   * Stops a connection at rest.
   *
   * @throws TransferException when it cannot be stopped or described; it then goes on, except where
   *     the exception says otherwise
   */
  static IntelDeparture of(Adapter adapter, IntelConnection connection, DepartureNeeds needs)
      throws TransferException {
    requireDescribable(connection);
    exclude(connection, needs);
    boolean suspended = false;
    try {
      connection.queuePair().suspend();
      suspended = true;
      return new IntelDeparture(connection, describe(adapter, connection, needs));
    } catch (CommandException | RuntimeException e) {
      if (suspended) {
        resume(connection, e);
      }
      connection.goOn();
      if (e instanceof CommandException refused && isUnderWay(refused)) {
        throw notQuiet("RDMA of the peer's that is under way");
      }
      throw new TransferException(
          TransferStep.FREEZE, Whereabouts.OLD_OWNER, String.valueOf(e.getMessage()), e);
    }
  }

  private static void requireDescribable(IntelConnection connection) throws TransferException {
    if (connection.isNested()) {
      throw refused(
          RefusalReason.CHANNEL_IN_USE,
          "a completion handler's call",
          "a thread of its own",
          "move it from another thread");
    }
    int ird = connection.facts().descriptor().value(DescriptorFields.IRD);
    if (ird > 0) {
      throw refused(
          RefusalReason.UNSUPPORTED,
          "IRD " + ird + ": how many Reads the peer has sent, only the device knows",
          "IRD 0",
          "agree on IRD 0 in MPA start-up, or close the connection and connect anew");
    }
  }

  /** Waits for rest, and has the application's threads wait. */
  private static void exclude(IntelConnection connection, DepartureNeeds needs)
      throws TransferException {
    try {
      connection.await(
          needs.timeout().toNanos(), () -> connection.isIdle() || !connection.life().isServed());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notQuiet("an interrupted thread");
    }
    connection.enter();
    try {
      if (connection.life().phase() != StreamLife.Phase.RUNNING) {
        boolean ended = connection.life().end() != null;
        throw refused(
            ended ? RefusalReason.CLOSED : RefusalReason.HALF_CLOSED,
            "an iWARP stream that is " + connection.life().phase(),
            "one that runs",
            ended ? "connect anew" : "wait until it runs, or let it end");
      }
      if (!connection.isIdle()) {
        throw notQuiet("work or Receives that are posted, or completions that nobody has taken");
      }
      if (connection.facts().mpa().role() == MpaRole.RESPONDER
          && connection.facts().mpa().rtr() != RtrKind.NONE
          && connection.traffic().receives() == 0) {
        throw notQuiet("a Responder that may still wait for the ready-to-receive indication");
      }
      connection.stop();
    } finally {
      connection.exit();
    }
  }

  private static TransferException notQuiet(String seen) {
    return refused(
        RefusalReason.NOT_QUIET,
        seen,
        "a connection at rest",
        "let it come to rest, and try again");
  }

  private static TransferException refused(
      RefusalReason reason, String seen, String expected, String remedy) {
    return TransferException.refused(
        TransferStep.EXCLUDE, List.of(new Refusal(reason, seen, expected, remedy)));
  }

  private static boolean isUnderWay(CommandException e) {
    return e.majorError() != CommandException.SILENT
        && e.minorError() == CompletionEntry.CQP_MINOR_SUSPEND_PENDING;
  }

  private static IwarpConnectionDescriptor describe(
      Adapter adapter, IntelConnection connection, DepartureNeeds needs) throws CommandException {
    DmaSlab slab = adapter.window().allocate(QpContext.BYTES, QpContext.BYTES);
    boolean answered = true;
    try {
      upload(adapter, connection, needs, slab);
      QueueMemory memory = connection.queuePair().memory();
      UploadedContext uploaded =
          new UploadedContext(slab.segment(), memory.segment(), memory.sizes().contextOffset());
      return describe(connection, uploaded);
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

  /** Once more, as long as the peer's RDMA is under way and there is time. */
  private static void upload(
      Adapter adapter, IntelConnection connection, DepartureNeeds needs, DmaSlab slab)
      throws CommandException {
    long begin = adapter.context().nanoTime();
    while (true) {
      try {
        connection.queuePair().upload(slab.deviceAddress());
        return;
      } catch (CommandException e) {
        if (!isUnderWay(e) || adapter.context().nanoTime() - begin >= needs.timeout().toNanos()) {
          throw e;
        }
        adapter.events().service();
        Thread.onSpinWait();
      }
    }
  }

  private static IwarpConnectionDescriptor describe(
      IntelConnection connection, UploadedContext uploaded) {
    IwarpConnectionDescriptor then = connection.facts().descriptor();
    IwarpConnectionDescriptor.Builder to = then.toBuilder();
    uploaded.describe(to);
    boolean own = connection.facts().ownReceive();
    long received = connection.traffic().receives() + (own ? 1 : 0);
    boolean responder = connection.facts().mpa().role() == MpaRole.RESPONDER;
    return to.present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, SOURCE)
        .present(DescriptorFields.SEND_MSN, connection.workLog().sendMsn() & UINT32, SOURCE)
        .present(DescriptorFields.READ_REQUEST_MSN, connection.workLog().readMsn() & UINT32, SOURCE)
        .present(DescriptorFields.RECEIVE_MSN, (1 + received) & UINT32, SOURCE)
        .present(DescriptorFields.READ_RESPONSE_MSN, 1L, "the peer may not send Reads")
        .derived(
            DescriptorFields.SENT_OCTETS,
            uploaded.sndMax() - then.value(DescriptorFields.MPA_SEND_START) & UINT32,
            "SND.MAX less the first FPDU's, modulo 2^32")
        .derived(
            DescriptorFields.RECEIVED_OCTETS,
            uploaded.rcvNxt() - then.value(DescriptorFields.MPA_RECEIVE_START) & UINT32,
            "RCV.NXT less the first FPDU's, modulo 2^32")
        .derived(DescriptorFields.PEER_HEARD, received > 0 || !responder, SOURCE)
        .derived(DescriptorFields.READY_TO_RECEIVE_SENT, !responder, "the first work request")
        .derived(DescriptorFields.READY_TO_RECEIVE_AWAITED, false, SOURCE)
        .present(DescriptorFields.REGIONS, connection.regions().describe(), "the driver's table")
        .build();
  }

  /** Undoes SUSPEND_QP. What fails ends the connection, for nobody could run it. */
  private static void resume(IntelConnection connection, Exception why) throws TransferException {
    try {
      connection.queuePair().resume();
    } catch (CommandException e) {
      connection.enterAnyway();
      try {
        connection.life().defective("stopped for a move and not resumed: " + e.getMessage());
      } finally {
        connection.exit();
      }
      connection.goOn();
      e.addSuppressed(why);
      throw new TransferException(
          TransferStep.RESUME, Whereabouts.LOST, String.valueOf(e.getMessage()), e);
    }
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
      resume(connection, new IllegalStateException("resumed"));
      connection.goOn();
    }
  }
}

package dev.offramp.models.intel;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.Link;
import dev.offramp.spi.port.PreparedStream;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A QP and its states. What the commands of irdma ask for is done here; {@link LiveStream} runs the
 * connection. <b>Model decisions:</b> an error found by the device leaves the QP in RTS until the
 * host moves it, and a MODIFY_QP that irdma never does is refused as an invalid state.
 */
final class QueuePair {
  private static final int TERMINATE_WITHOUT_FIN = 1;
  private static final int TERMINATE_FIN_ONLY = 2;

  /** Events that inform; all other known ones end the connection when they are injected. */
  private static final Set<Integer> HARMLESS =
      Set.of(
          EventCodes.FIN_RECEIVED,
          EventCodes.CONNECTION_ESTABLISHED,
          EventCodes.TERMINATE_SENT,
          EventCodes.SUSPEND_COMPLETE,
          0x50C /* doubt reachability */);

  private static final int FIRST_UNKNOWN_EVENT = 0x901;

  private final DeviceState device;
  private final int id;
  private final int type;
  private final long contextAddress;
  private final long shadow;
  private ConnectionContext context;
  private final CompletionRing sendCompletions;
  private final CompletionRing receiveCompletions;

  private int state = CommandCodes.STATE_IDLE;
  private int tcpState = ConnectionLoader.STATE_CLOSED;
  private QuadHash.@Nullable Quad quad;
  private Link.@Nullable Claim claim;
  private @Nullable LiveStream stream;
  private @Nullable Departure departure;
  private boolean over;

  private QueuePair(
      DeviceState device,
      long[] command,
      ConnectionContext context,
      CompletionRing sendCompletions,
      CompletionRing receiveCompletions) {
    this.device = device;
    this.id = CommandFields.QP_ID.getInt(command);
    this.type = CommandFields.QPTYPE.getInt(command);
    this.contextAddress = CommandFields.QP_CONTEXT.get(command);
    this.shadow = CommandFields.QP_SHADOW.get(command);
    this.context = context;
    this.sendCompletions = sendCompletions;
    this.receiveCompletions = receiveCompletions;
    sendCompletions.attach(1);
    receiveCompletions.attach(1);
  }

  /** CREATE_QP: the queues' part of the context is read, and all memory has to be there. */
  static QueuePair create(DeviceState device, long[] command)
      throws CommandException, DmaFaultException {
    int type = CommandFields.QPTYPE.getInt(command);
    if (type != CommandCodes.TYPE_IWARP && type != CommandCodes.TYPE_UDA) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "CREATE_QP of type [%d], expected 1 or 2".formatted(type));
    }
    int next = CommandFields.NEXTIWSTATE.getInt(command);
    if (next != CommandCodes.STATE_IDLE && type == CommandCodes.TYPE_IWARP) {
      throw new CommandException(
          CommandCodes.MINOR_INVALID_STATE, "CREATE_QP with next state [%d]".formatted(next));
    }
    if (CommandFields.VQ.isSet(command)) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "CREATE_QP with page lists, which are not modelled");
    }
    ConnectionContext context = read(device, CommandFields.QP_CONTEXT.get(command));
    device.dma.at(CommandFields.QP_SHADOW.get(command), EventFields.SHADOW_BYTES);
    checkQueues(device, context);
    if (!CommandFields.CQNUMVALID.isSet(command)) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "CREATE_QP without valid CQ numbers");
    }
    return new QueuePair(
        device,
        command,
        context,
        completionQueue(device, context.getInt(ContextFields.TXCQNUM)),
        completionQueue(device, context.getInt(ContextFields.RXCQNUM)));
  }

  private static ConnectionContext read(DeviceState device, long address) throws DmaFaultException {
    return new ConnectionContext(device.dma.read(address, ContextFields.WORDS));
  }

  private static void checkQueues(DeviceState device, ConnectionContext context)
      throws CommandException, DmaFaultException {
    int sendQuanta = ConnectionContext.quanta(context.getInt(ContextFields.SQSIZE));
    int receiveQuanta = ConnectionContext.quanta(context.getInt(ContextFields.RQSIZE));
    int most = device.chip.maxQueueQuanta();
    if (sendQuanta > most || receiveQuanta > most) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "queues of [%d] and [%d] quanta, at most %d".formatted(sendQuanta, receiveQuanta, most));
    }
    queue(device, context.get(ContextFields.SQADDR), sendQuanta);
    queue(device, context.get(ContextFields.RQADDR), receiveQuanta);
  }

  private static void queue(DeviceState device, long address, int quanta)
      throws CommandException, DmaFaultException {
    if (address % WorkFields.QUANTUM_BYTES != 0) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "a queue at [%#x], expected a multiple of 32".formatted(address));
    }
    device.dma.at(address, (long) quanta * WorkFields.QUANTUM_BYTES);
  }

  private static CompletionRing completionQueue(DeviceState device, int id)
      throws CommandException {
    CompletionRing queue = device.completionQueues.get(id);
    if (queue == null) {
      throw new CommandException(
          CommandCodes.MINOR_ID_UNKNOWN,
          "the context names CQ [%d], which is not there".formatted(id));
    }
    return queue;
  }

  int id() {
    return id;
  }

  CompletionRing sendCompletions() {
    return sendCompletions;
  }

  CompletionRing receiveCompletions() {
    return receiveCompletions;
  }

  /** The send queue was rung; nothing happens before RTS. */
  void ring() {
    LiveStream running = stream;
    if (running != null && state == CommandCodes.STATE_RTS && departure == null) {
      running.ring();
    }
  }

  // ---- MODIFY_QP

  /** Moves to the state that the command names. */
  void modify(long[] command) throws CommandException, DmaFaultException {
    if (CommandFields.QPTYPE.getInt(command) != type) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD,
          "%s is of type %d, the command says [%d]"
              .formatted(this, type, CommandFields.QPTYPE.getInt(command)));
    }
    int next = CommandFields.NEXTIWSTATE.getInt(command);
    if (type == CommandCodes.TYPE_UDA) {
      state = next;
      return;
    }
    switch (next) {
      case CommandCodes.STATE_RTS -> toRts(command);
      case CommandCodes.STATE_CLOSING -> toClosing();
      case CommandCodes.STATE_TERMINATE -> toTerminate(command);
      case CommandCodes.STATE_ERROR -> toError(command);
      default -> throw invalidState(next);
    }
  }

  private CommandException invalidState(int next) {
    return new CommandException(
        CommandCodes.MINOR_INVALID_STATE, "%s: from state %d to [%d]".formatted(this, state, next));
  }

  private void toRts(long[] command) throws CommandException, DmaFaultException {
    if (state == CommandCodes.STATE_RTS) {
      LiveStream running = stream;
      if (running != null && CommandFields.MSSCHANGE.isSet(command)) {
        running.setSegmentBytes(Math.max(1, CommandFields.NEW_MSS.getInt(command)));
      }
      return;
    }
    if (state != CommandCodes.STATE_IDLE) {
      throw invalidState(CommandCodes.STATE_RTS);
    }
    require(CommandFields.TOECTXVALID.isSet(command), "a valid TCP context");
    require(CommandFields.ARPTABIDXVALID.isSet(command), "a valid ARP index");
    require(CommandFields.QP_CONTEXT.get(command) == contextAddress, "the context of CREATE_QP");
    require(CommandFields.QP_SHADOW.get(command) == shadow, "the shadow area of CREATE_QP");
    load(CommandFields.ORDVALID.isSet(command));
  }

  private void require(boolean holds, String what) throws CommandException {
    if (!holds) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "%s: MODIFY_QP to RTS without %s".formatted(this, what));
    }
  }

  private void load(boolean ordValid) throws CommandException, DmaFaultException {
    ConnectionContext loaded = read(device, contextAddress);
    for (Field field : QUEUE_FIELDS) {
      // The queues were read when the QP was created; a device that runs does not move them.
      if (loaded.get(field) != context.get(field)) {
        throw new CommandException(
            CommandCodes.MINOR_BAD_CONTEXT,
            "%s: bits %d:%d of word %d changed since CREATE_QP"
                .formatted(this, field.high(), field.low(), field.word()));
      }
    }
    device.dma.at(loaded.q2Address(), TerminateBuffer.BYTES);
    IwarpConnectionDescriptor descriptor =
        new ConnectionLoader(device.chip, device.tables).load(loaded);
    QuadHash.Quad bound = new QuadHash.Quad(loaded.local(), loaded.remote());
    Link.Claim taken = device.quads.bind(bound, id);
    try {
      if (device.faults().at(IntelFaults.LOAD) != Faults.NO_FAULT) {
        throw new CommandException(CommandCodes.MINOR_LINK, "injected");
      }
      PreparedStream prepared = taken.install(descriptor);
      quad = bound;
      claim = taken;
      context = loaded;
      state = CommandCodes.STATE_RTS;
      tcpState = ConnectionLoader.STATE_ESTABLISHED;
      LiveStream running =
          new LiveStream(
              device,
              this,
              loaded,
              new SendRing(
                  device.chip,
                  device.dma,
                  loaded.get(ContextFields.SQADDR),
                  ConnectionContext.quanta(loaded.getInt(ContextFields.SQSIZE)),
                  shadow),
              new ReceiveRing(
                  device.chip,
                  device.dma,
                  loaded.get(ContextFields.RQADDR),
                  ConnectionContext.quanta(loaded.getInt(ContextFields.RQSIZE)),
                  loaded.receiveQuanta()),
              prepared.activate(),
              ordValid ? loaded.getInt(ContextFields.ORDSIZE) : 0);
      stream = running;
      running.start();
    } catch (TransferException e) {
      device.quads.unbind(bound, id);
      throw new CommandException(CommandCodes.MINOR_LINK, String.valueOf(e.getMessage()));
    } catch (CommandException e) {
      device.quads.unbind(bound, id);
      throw e;
    }
  }

  private static final Field[] QUEUE_FIELDS = {
    ContextFields.SQADDR,
    ContextFields.RQADDR,
    ContextFields.SQSIZE,
    ContextFields.RQSIZE,
    ContextFields.RQWQESIZE,
    ContextFields.TXCQNUM,
    ContextFields.RXCQNUM
  };

  private void toClosing() throws CommandException {
    LiveStream running = stream;
    if (state == CommandCodes.STATE_CLOSING) {
      return;
    }
    if (running == null
        || departure != null
        || (state != CommandCodes.STATE_RTS && state != CommandCodes.STATE_TERMINATE)) {
      throw invalidState(CommandCodes.STATE_CLOSING);
    }
    if (!over && running.isSendQueueBusy() && tcpState == ConnectionLoader.STATE_ESTABLISHED) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_CLOSE,
          this + ": closing while work requests of the send queue are not done");
    }
    state = CommandCodes.STATE_CLOSING;
    if (tcpState == ConnectionLoader.STATE_ESTABLISHED) {
      tcpState = ConnectionLoader.STATE_FIN_WAIT_1;
    }
    running.close();
  }

  private void toTerminate(long[] command) throws CommandException, DmaFaultException {
    LiveStream running = stream;
    if (running == null || departure != null || state == CommandCodes.STATE_ERROR) {
      throw invalidState(CommandCodes.STATE_TERMINATE);
    }
    int action = CommandFields.TERMACT.getInt(command);
    ByteBuffer message =
        action < TERMINATE_FIN_ONLY
            ? TerminateBuffer.read(
                device.dma, context.q2Address(), CommandFields.TERMLEN.getInt(command))
            : null;
    state = CommandCodes.STATE_TERMINATE;
    running.terminate(message, action % 2 != TERMINATE_WITHOUT_FIN);
  }

  private void toError(long[] command) {
    boolean reset = CommandFields.RESETCON.isSet(command);
    boolean alive = stream != null && !over;
    state = CommandCodes.STATE_ERROR;
    end(reset);
    if (reset) {
      raise(
          alive ? EventCodes.RESET_SENT : EventCodes.RESET_NOT_SENT, EventCodes.SOURCE_NONE, 0, 0);
    }
    if (CommandFields.REMOVEHASHENTRY.isSet(command)) {
      removeHash();
    }
  }

  /** The connection ends: by RST, or without a word. A stopped one is given up. */
  private void end(boolean reset) {
    LiveStream running = stream;
    if (running != null && !over) {
      over = true;
      if (departure == null && !reset) {
        departure = stopTcp();
      }
      running.end(reset && departure == null);
    }
    Departure stopped = departure;
    if (stopped != null) {
      departure = null;
      stopped.release();
    }
    tcpState = ConnectionLoader.STATE_CLOSED;
  }

  /** TCP falls silent; null when it is on its way to the end, and then its hash entry goes. */
  private @Nullable Departure stopTcp() {
    Link.Claim held = claim;
    if (held == null) {
      return null;
    }
    try {
      return held.stop();
    } catch (TransferException e) {
      removeHash();
      return null;
    }
  }

  private void removeHash() {
    device.quads.unbind(quad, id);
    quad = null;
    claim = null;
  }

  // ---- other commands

  /** DESTROY_QP. */
  void destroy(long[] command) {
    over |= stream == null;
    end(false);
    if (CommandFields.REMOVEHASHENTRY.isSet(command)) {
      removeHash();
    }
    LiveStream running = stream;
    if (running != null) {
      running.flush(true);
      running.flush(false);
    }
    sendCompletions.attach(-1);
    receiveCompletions.attach(-1);
  }

  /**
   * FLUSH_WQES: one completion for all that a queue has, if it has anything.
   *
   * @return which queues had: irdma's minor code
   */
  int flush(long[] command) throws CommandException {
    boolean wantsSend = CommandFields.FLUSHSQ.isSet(command);
    boolean wantsReceive = CommandFields.FLUSHRQ.isSet(command);
    if (CommandFields.GENERATE_AE.isSet(command)) {
      raise(CommandFields.AECODE.getInt(command), CommandFields.AESOURCE.getInt(command), 0, 0);
    }
    if (!wantsSend && !wantsReceive) {
      return 0;
    }
    if (state == CommandCodes.STATE_RTS && !over) {
      throw new CommandException(
          CommandCodes.MINOR_INVALID_STATE, this + ": FLUSH_WQES of a running connection");
    }
    boolean send =
        wantsSend
            && flush(
                true,
                command,
                CommandFields.SQMJERR.getInt(command),
                CommandFields.SQMNERR.getInt(command));
    boolean receive =
        wantsReceive
            && flush(
                false,
                command,
                CommandFields.RQMJERR.getInt(command),
                CommandFields.RQMNERR.getInt(command));
    if (!send && !receive) {
      throw new CommandException(CommandCodes.MINOR_NOTHING_TO_FLUSH, this + ": nothing to flush");
    }
    if (send && receive) {
      return CommandCodes.MINOR_BOTH_FLUSHED;
    }
    return send ? CommandCodes.MINOR_SQ_FLUSHED : CommandCodes.MINOR_RQ_FLUSHED;
  }

  private boolean flush(boolean sendQueue, long[] command, int major, int minor) {
    LiveStream running = stream;
    if (running == null) {
      return false;
    }
    LiveStream.Unfinished unfinished = running.flush(sendQueue);
    if (unfinished.any()) {
      boolean given = CommandFields.USERFLCODE.isSet(command);
      complete(
          sendQueue ? sendCompletions : receiveCompletions,
          Completion.flush(
              context.get(ContextFields.QPCOMPCTX),
              sendQueue,
              id,
              unfinished.wqeIndex(),
              unfinished.opcode(),
              given ? major : Completion.FLUSHED,
              given ? minor : Completion.FLUSH_GENERAL));
    }
    return unfinished.any();
  }

  /**
   * SUSPEND_QP.
   *
   * @return whether nothing is under way already; else an event tells
   */
  boolean suspend() throws CommandException {
    return running("SUSPEND_QP").suspend();
  }

  /** RESUME_QP: a connection that was stopped for an upload goes on, too. */
  void resume() throws CommandException {
    LiveStream running = running("RESUME_QP");
    Departure stopped = departure;
    if (stopped != null) {
      try {
        stopped.resume();
      } catch (TransferException e) {
        throw new CommandException(CommandCodes.MINOR_LINK, String.valueOf(e.getMessage()));
      }
      departure = null;
      running.runner().resume();
    }
    running.resume();
  }

  private LiveStream running(String what) throws CommandException {
    LiveStream running = stream;
    if (running == null || over || state != CommandCodes.STATE_RTS) {
      throw new CommandException(
          CommandCodes.MINOR_INVALID_STATE, "%s: %s in state %d".formatted(this, what, state));
    }
    return running;
  }

  /** UPLOAD_CONTEXT. With freeze the connection stays stopped until it is resumed or given up. */
  void upload(long[] command) throws CommandException, DmaFaultException {
    boolean freeze = CommandFields.UCTX_FREEZEQP.isSet(command);
    long buffer = CommandFields.QP_CONTEXT.get(command);
    device.dma.at(buffer, ContextFields.BYTES);
    if (state == CommandCodes.STATE_IDLE) {
      device.dma.write(buffer, context.words());
      return;
    }
    LiveStream running = running("UPLOAD_CONTEXT");
    Link.Claim held = claim;
    if (departure != null || held == null) {
      throw new CommandException(
          CommandCodes.MINOR_INVALID_STATE, this + ": UPLOAD_CONTEXT of a frozen QP");
    }
    if (freeze && !running.isQuiet()) {
      throw new CommandException(
          CommandCodes.MINOR_SUSPEND_PENDING,
          this + ": UPLOAD_CONTEXT with freeze while RDMA is under way; SUSPEND_QP first");
    }
    running.runner().pause();
    try {
      Departure stopped = held.stop();
      IwarpConnectionDescriptor now = stopped.descriptor();
      if (freeze && ContextWriter.hasBytes(now)) {
        stopped.resume();
        running.runner().resume();
        throw new CommandException(
            CommandCodes.MINOR_SUSPEND_PENDING,
            this + ": bytes came meanwhile, or are not acknowledged");
      }
      if (freeze) {
        departure = stopped;
      } else {
        stopped.resume();
        running.runner().resume();
      }
      write(buffer, ContextWriter.write(context.words(), now));
    } catch (TransferException e) {
      running.runner().resume();
      throw new CommandException(CommandCodes.MINOR_LINK, String.valueOf(e.getMessage()));
    }
  }

  private void write(long buffer, long[] words) throws DmaFaultException {
    if (device.faults().at(IntelFaults.UPLOAD_GARBAGE) != Faults.NO_FAULT) {
      ContextFields.DESTIPADDR3.set(words, ~ContextFields.DESTIPADDR3.get(words));
      ContextFields.DESTPORTNUM.set(words, ~ContextFields.DESTPORTNUM.get(words));
    }
    device.dma.write(buffer, words);
  }

  // ---- what the stream tells

  void complete(CompletionRing queue, Completion completion) {
    if (device.isHalted()) {
      return;
    }
    try {
      queue.post(completion);
    } catch (DmaFaultException e) {
      device.fault(e);
    }
  }

  void raise(int code, int source, int wqeIndex, int q2Data) {
    device.raise(
        new AsyncEvent(
            context.get(ContextFields.QPCOMPCTX),
            id,
            code,
            source,
            wqeIndex,
            state,
            tcpState,
            q2Data));
  }

  /** An event out of nowhere, with the end that belongs to it. */
  void injectEvent(int code) {
    if (!HARMLESS.contains(code) && code < FIRST_UNKNOWN_EVENT && state == CommandCodes.STATE_RTS) {
      tcpState = ConnectionLoader.STATE_CLOSED;
      raise(code, EventCodes.SOURCE_NONE, 0, 0);
      LiveStream running = stream;
      if (running != null && !over) {
        over = true;
        running.end(true);
      }
    } else {
      raise(code, EventCodes.SOURCE_NONE, 0, 0);
    }
  }

  /** The peer's FIN came before the first FPDU. */
  void peerClosed() {
    tcpState = ConnectionLoader.STATE_CLOSE_WAIT;
    raise(EventCodes.FIN_RECEIVED, EventCodes.SOURCE_NONE, 0, 0);
  }

  /**
   * The iWARP stream has ended.
   *
   * @param told whether the host knows already
   */
  void ended(StreamEnd end, boolean told) {
    if (state == CommandCodes.STATE_ERROR || device.isHalted()) {
      return;
    }
    switch (end) {
      case StreamEnd.ClosedLocally closed -> {
        // The event comes when TCP is closed in both directions.
      }
      case StreamEnd.ClosedByPeer closed -> peerClosed();
      case StreamEnd.TruncatedByPeer truncated -> {
        tcpState = ConnectionLoader.STATE_CLOSE_WAIT;
        raise(EventCodes.ROE_BAD_LLP_CLOSE, EventCodes.SOURCE_NONE, 0, 0);
      }
      case StreamEnd.TerminatedByPeer terminated ->
          raise(
              EventCodes.TERMINATE_RECEIVED,
              EventCodes.SOURCE_NONE,
              0,
              writeQ2(terminated.terminate(), true));
      case StreamEnd.TerminatedLocally terminated -> {
        if (!told) {
          Terminate why = terminated.terminate();
          int code =
              TerminateCause.of(why.layer(), why.type(), why.code())
                  .map(EventCodes::of)
                  .orElse(EventCodes.QP_CATASTROPHIC);
          raise(code, EventCodes.SOURCE_INCOMING, 0, writeQ2(why, false));
        }
      }
      case StreamEnd.Reset reset -> lost(EventCodes.CONNECTION_RESET);
      case StreamEnd.TimedOut timedOut -> lost(EventCodes.TOO_MANY_RETRIES);
      case StreamEnd.Failed why -> {
        device.notebook.refusal(this + ": " + why.reason());
        lost(EventCodes.QP_CATASTROPHIC);
      }
    }
  }

  private void lost(int code) {
    over = true;
    tcpState = ConnectionLoader.STATE_CLOSED;
    raise(code, EventCodes.SOURCE_NONE, 0, 0);
  }

  /** 1 when the Q2 buffer holds the segment in question. */
  private int writeQ2(Terminate terminate, boolean received) {
    try {
      return TerminateBuffer.write(device.dma, context, terminate, received) ? 1 : 0;
    } catch (DmaFaultException e) {
      device.fault(e);
      return 0;
    }
  }

  /** TCP is closed in both directions, or dead. */
  void gone() {
    boolean closed = !over && state != CommandCodes.STATE_ERROR;
    over = true;
    if (closed) {
      tcpState = ConnectionLoader.STATE_CLOSED;
      raise(EventCodes.CLOSE_COMPLETE, EventCodes.SOURCE_NONE, 0, 0);
    }
  }

  // ---- the whole device

  /** The protocol engine stops: nothing is sent or read any more. */
  void freeze() {
    LiveStream running = stream;
    if (running != null && !over) {
      running.runner().pause();
      if (departure == null) {
        departure = stopTcp();
      }
    }
  }

  /** The device goes. */
  void drop() {
    state = CommandCodes.STATE_ERROR;
    end(false);
  }

  @Override
  public String toString() {
    return "QP " + id;
  }
}

package dev.offramp.models.intel;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.DmaFaultException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A QP and its states. What the commands of irdma ask for is done here; {@link LiveStream} runs the
 * connection. <b>Model decisions:</b> an error found by the device leaves the QP in RTS until the
 * host moves it, and a MODIFY_QP that irdma never does is refused as an invalid state.
 */
final class QueuePair {
  private static final int TERMINATE_WITHOUT_FIN = 1;
  private static final int TERMINATE_FIN_ONLY = 2;

  private final DeviceState device;
  private final int id;
  private final int type;
  private final long contextAddress;
  private final long shadow;
  private final CompletionRing sendCompletions;
  private final CompletionRing receiveCompletions;
  private final StreamEndEvents ends = new StreamEndEvents(this);
  private ConnectionContext context;

  private int state = CommandCodes.STATE_IDLE;
  private int tcpState = ConnectionLoader.STATE_CLOSED;
  private QuadHash.@Nullable Quad quad;
  private @Nullable LiveStream stream;
  private @Nullable HandBack handBack;
  private boolean over;

  /** An idle QP; see {@link QueuePairLoader#create}. */
  QueuePair(
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

  int id() {
    return id;
  }

  DeviceState device() {
    return device;
  }

  ConnectionContext context() {
    return context;
  }

  private boolean isFrozen() {
    return handBack != null && handBack.isFrozen();
  }

  /** Whether a connection is there that can still end. */
  boolean isAlive() {
    return stream != null && !over;
  }

  boolean isInState(int wanted) {
    return state == wanted;
  }

  /** The send queue was rung; nothing happens before RTS. */
  void ring() {
    LiveStream running = stream;
    if (running != null && state == CommandCodes.STATE_RTS && !isFrozen()) {
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
      reroute(command);
      return;
    }
    if (state != CommandCodes.STATE_IDLE) {
      throw invalidState(CommandCodes.STATE_RTS);
    }
    require(CommandFields.TOECTXVALID.isSet(command), "a valid TCP context");
    require(CommandFields.ARPTABIDXVALID.isSet(command), "a valid ARP index");
    require(CommandFields.QP_CONTEXT.get(command) == contextAddress, "the context of CREATE_QP");
    require(CommandFields.QP_SHADOW.get(command) == shadow, "the shadow area of CREATE_QP");
    QueuePairLoader.Loaded loaded =
        QueuePairLoader.load(
            device, this, context, contextAddress, shadow, CommandFields.ORDVALID.isSet(command));
    context = loaded.context();
    quad = loaded.quad();
    handBack = new HandBack(device, this, loaded.claim());
    stream = loaded.stream();
    state = CommandCodes.STATE_RTS;
    tcpState = ConnectionLoader.STATE_ESTABLISHED;
    loaded.stream().start();
  }

  /**
   * MODIFY_QP to RTS of a running connection, an <b>inference</b>: with the bits for it, the ARP
   * index is read from the context again, and the segment size is that of the command; all else
   * stays.
   */
  private void reroute(long[] command) throws CommandException, DmaFaultException {
    if (CommandFields.ARPTABIDXVALID.isSet(command)) {
      long[] now = device.dma.read(contextAddress, ContextFields.WORDS);
      int index = ContextFields.ARPIDX.getInt(now);
      if (device.tables.arp(index) == null || ContextFields.REMENDPOINTIDX.getInt(now) != index) {
        throw new CommandException(
            CommandCodes.MINOR_BAD_CONTEXT,
            "%s: ARP index [%d], remote endpoint index [%d], expected one entry of MANAGE_ARP"
                .formatted(this, index, ContextFields.REMENDPOINTIDX.getInt(now)));
      }
      ContextFields.ARPIDX.set(context.words(), index);
      ContextFields.REMENDPOINTIDX.set(context.words(), index);
    }
    LiveStream running = stream;
    if (running != null && CommandFields.MSSCHANGE.isSet(command)) {
      int mss = CommandFields.NEW_MSS.getInt(command);
      if (mss < ConnectionLoader.LEAST_MSS_BYTES) {
        throw new CommandException(
            CommandCodes.MINOR_BAD_FIELD,
            "%s: MSS [%d], expected at least %d"
                .formatted(this, mss, ConnectionLoader.LEAST_MSS_BYTES));
      }
      running.setSegmentBytes(mss);
      ContextFields.SNDMSS.set(context.words(), mss);
    }
  }

  /** Where it sends, as the tables are now; null for a QP without a connection. */
  @Nullable IntelRoute route() {
    MacAddress nextHop = device.tables.arp(context.getInt(ContextFields.ARPIDX));
    return stream == null || nextHop == null
        ? null
        : new IntelRoute(nextHop, context.getInt(ContextFields.SNDMSS));
  }

  private void require(boolean holds, String what) throws CommandException {
    if (!holds) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_FIELD, "%s: MODIFY_QP to RTS without %s".formatted(this, what));
    }
  }

  private void toClosing() throws CommandException {
    LiveStream running = stream;
    if (state == CommandCodes.STATE_CLOSING) {
      return;
    }
    if (running == null
        || isFrozen()
        || (state != CommandCodes.STATE_RTS && state != CommandCodes.STATE_TERMINATE)) {
      throw invalidState(CommandCodes.STATE_CLOSING);
    }
    boolean open = tcpState == ConnectionLoader.STATE_ESTABLISHED;
    if (!over && open && running.isSendQueueBusy()) {
      throw new CommandException(
          CommandCodes.MINOR_BAD_CLOSE,
          this + ": closing while work requests of the send queue are not done");
    }
    state = CommandCodes.STATE_CLOSING;
    if (open) {
      tcpState = ConnectionLoader.STATE_FIN_WAIT_1;
    }
    running.close();
  }

  private void toTerminate(long[] command) throws CommandException, DmaFaultException {
    LiveStream running = stream;
    if (running == null || isFrozen() || state == CommandCodes.STATE_ERROR) {
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
    boolean alive = isAlive();
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

  /** The connection ends: by RST, or without a word. A frozen one is given up. */
  private void end(boolean reset) {
    LiveStream running = stream;
    HandBack stopper = handBack;
    if (running != null && stopper != null) {
      if (!over) {
        over = true;
        boolean silent = stopper.isFrozen() || !reset;
        if (silent && !stopper.stop()) {
          device.quads.silence(quad);
        }
        running.end(!silent);
      }
      stopper.release();
    }
    tcpState = ConnectionLoader.STATE_CLOSED;
  }

  private void removeHash() {
    device.quads.unbind(quad, id);
    quad = null;
  }

  // ---- other commands

  /** DESTROY_QP. */
  void destroy(long[] command) {
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
   * FLUSH_WQES and GEN_AE: one completion for all that a queue has, if it has anything.
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
    boolean send = wantsSend && flush(true, command, CommandFields.SQMJERR, CommandFields.SQMNERR);
    boolean receive =
        wantsReceive && flush(false, command, CommandFields.RQMJERR, CommandFields.RQMNERR);
    if (!send && !receive) {
      throw new CommandException(CommandCodes.MINOR_NOTHING_TO_FLUSH, this + ": nothing to flush");
    }
    if (send && receive) {
      return CommandCodes.MINOR_BOTH_FLUSHED;
    }
    return send ? CommandCodes.MINOR_SQ_FLUSHED : CommandCodes.MINOR_RQ_FLUSHED;
  }

  private boolean flush(boolean sendQueue, long[] command, Field major, Field minor) {
    LiveStream running = stream;
    if (running == null) {
      return false;
    }
    SendSide.Unfinished unfinished = running.flush(sendQueue);
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
              given ? major.getInt(command) : Completion.FLUSHED,
              given ? minor.getInt(command) : Completion.FLUSH_GENERAL));
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

  /** RESUME_QP: a frozen connection goes on, too. */
  void resume() throws CommandException {
    LiveStream running = running("RESUME_QP");
    HandBack stopper = handBack;
    if (stopper != null) {
      stopper.resume(running);
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

  /** UPLOAD_CONTEXT; of an idle QP it is what CREATE_QP read. */
  void upload(long[] command) throws CommandException, DmaFaultException {
    long buffer = CommandFields.QP_CONTEXT.get(command);
    device.dma.at(buffer, ContextFields.BYTES);
    if (state == CommandCodes.STATE_IDLE) {
      device.dma.write(buffer, context.words());
      return;
    }
    LiveStream running = running("UPLOAD_CONTEXT");
    HandBack stopper = handBack;
    if (stopper != null) {
      stopper.upload(context, running, buffer, CommandFields.UCTX_FREEZEQP.isSet(command));
    }
  }

  /** Lets memory go that bytes on their way to TCP are in. */
  void copyLent(Region region) {
    LiveStream running = stream;
    if (running != null) {
      running.copyLent(region);
    }
  }

  // ---- what the stream tells

  /** A work request of the send queue is done. */
  void completeSend(PendingWork work) {
    complete(
        sendCompletions,
        Completion.ofSend(
            context.get(ContextFields.QPCOMPCTX), id, work.wqeIndex, work.opcode, work.bytes));
  }

  /** A Receive has its message. */
  void completeReceive(PendingWork work, long bytes, CompletionDetail detail) {
    complete(
        receiveCompletions,
        Completion.ofReceive(
            context.get(ContextFields.QPCOMPCTX), id, work.wqeIndex, bytes, detail));
  }

  private void complete(CompletionRing queue, Completion completion) {
    if (device.isHalted()) {
      return;
    }
    try {
      queue.post(completion);
    } catch (DmaFaultException e) {
      device.fault(e);
    }
  }

  /** An asynchronous event with the states as they are. */
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

  /** An event out of nowhere; a fatal one ends a running connection. */
  void injectEvent(int code) {
    LiveStream running = stream;
    boolean ends = EventCodes.isFatal(code) && state == CommandCodes.STATE_RTS;
    if (ends) {
      over = true;
      tcpState = ConnectionLoader.STATE_CLOSED;
    }
    if (EventCodes.isAboutCq(code)) {
      device.raiseOf(sendCompletions, code);
    } else {
      raise(code, EventCodes.usualSource(code), 0, 0);
    }
    if (ends && running != null) {
      running.end(true);
    }
  }

  /** TCP is dead; the event tells why. */
  void lost(int code) {
    over = true;
    tcpState = ConnectionLoader.STATE_CLOSED;
    raise(code, EventCodes.SOURCE_NONE, 0, 0);
  }

  /** The peer's FIN has come. */
  void peerClosed() {
    halfClosed(EventCodes.FIN_RECEIVED);
  }

  /** The peer's FIN has come; the event tells how. */
  void halfClosed(int code) {
    tcpState = ConnectionLoader.STATE_CLOSE_WAIT;
    raise(code, EventCodes.SOURCE_NONE, 0, 0);
  }

  /**
   * The iWARP stream has ended.
   *
   * @param told whether the host knows already
   */
  void ended(StreamEnd end, boolean told) {
    if (state != CommandCodes.STATE_ERROR && !device.isHalted()) {
      ends.ended(end, told);
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
    HandBack stopper = handBack;
    if (running != null && stopper != null && !over) {
      running.runner().pause();
      stopper.stop();
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

package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.Cpl;
import dev.offramp.provider.chelsio.wire.CplAbortRss;
import dev.offramp.provider.chelsio.wire.CplCloseConRpl;
import dev.offramp.provider.chelsio.wire.CplEstablish;
import dev.offramp.provider.chelsio.wire.CplFw4Ack;
import dev.offramp.provider.chelsio.wire.CplFw6Msg;
import dev.offramp.provider.chelsio.wire.CplGetTcbRpl;
import dev.offramp.provider.chelsio.wire.CplL2tWriteReq;
import dev.offramp.provider.chelsio.wire.CplMessage;
import dev.offramp.provider.chelsio.wire.CplPeerClose;
import dev.offramp.provider.chelsio.wire.CplRdmaTerminate;
import dev.offramp.provider.chelsio.wire.CplRxData;
import dev.offramp.provider.chelsio.wire.CplSetTcbRpl;
import dev.offramp.provider.chelsio.wire.CplSgeEgrUpdate;
import dev.offramp.provider.chelsio.wire.CplSmtWriteReq;
import dev.offramp.provider.chelsio.wire.CplTableRpl;
import dev.offramp.provider.chelsio.wire.Cqe;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the adapter's messages, and tells those whom they are for. What it cannot decode, or what
 * is for nobody, goes to {@link Garbage}. For the thread that drains the event queue.
 */
final class Dispatcher implements EventQueue.Sink {
  private final int eventQueue;
  private final Replies replies;
  private final Flows flows;
  private final Garbage garbage;
  private final Runnable onEgressUpdate;

  private final CplFw4Ack fw4Ack = new CplFw4Ack();
  private final CplFw6Msg fw6Msg = new CplFw6Msg();
  private final CplSetTcbRpl setTcbRpl = new CplSetTcbRpl();
  private final CplGetTcbRpl getTcbRpl = new CplGetTcbRpl();
  private final CplTableRpl tableRpl = new CplTableRpl();
  private final CplPeerClose peerClose = new CplPeerClose();
  private final CplCloseConRpl closeConRpl = new CplCloseConRpl();
  private final CplAbortRss abort = new CplAbortRss();
  private final CplRdmaTerminate terminate = new CplRdmaTerminate();
  private final CplRxData rxData = new CplRxData();
  private final CplEstablish establish = new CplEstablish();
  private final CplSgeEgrUpdate egressUpdate = new CplSgeEgrUpdate();
  private final Cqe cqe = new Cqe();

  /** Told of what the adapter must not say. */
  interface Garbage {
    /**
     * It has said something that cannot be right.
     *
     * @param flow whom it concerns, if that can be told
     * @param seenAndExpected for people
     */
    void found(@Nullable Flow flow, String seenAndExpected);

    /** It has told something of a connection that is none, and that no request asks for. */
    void stray(String seenAndExpected);
  }

  /**
   * A dispatcher for one event queue.
   *
   * @param eventQueue its absolute number
   */
  Dispatcher(
      int eventQueue, Replies replies, Flows flows, Garbage garbage, Runnable onEgressUpdate) {
    this.eventQueue = eventQueue;
    this.replies = replies;
    this.flows = flows;
    this.garbage = garbage;
    this.onEgressUpdate = onEgressUpdate;
  }

  @Override
  public void message(int queue, int opcode, MemorySegment memory, long at, int length) {
    if (queue != eventQueue) {
      garbage.found(
          null,
          "a message with opcode [%#04x] for queue [%d], expected queue [%d]"
              .formatted(opcode, queue, eventQueue));
      return;
    }
    if (length < Integer.BYTES || (memory.get(ValueLayout.JAVA_BYTE, at) & 0xFF) != opcode) {
      garbage.found(
          null,
          "a message of [%d] bytes whose header says opcode [%#04x] and which begins otherwise"
              .formatted(length, opcode));
      return;
    }
    switch (opcode) {
      case Cpl.CPL_FW6_MSG -> fw6(memory, at, length);
      case Cpl.CPL_FW4_ACK -> fw4(memory, at, length);
      case Cpl.CPL_SET_TCB_RPL -> tcbWritten(memory, at, length);
      case Cpl.CPL_GET_TCB_RPL -> tcbRead(memory, at, length);
      case Cpl.CPL_L2T_WRITE_RPL -> nextHopWritten(memory, at, length);
      case Cpl.CPL_SMT_WRITE_RPL -> sourceMacWritten(memory, at, length);
      case Cpl.CPL_PEER_CLOSE -> peerClosed(memory, at, length);
      case Cpl.CPL_CLOSE_CON_RPL -> closed(memory, at, length);
      case Cpl.CPL_ABORT_REQ_RSS -> abortRequested(memory, at, length);
      case Cpl.CPL_ABORT_RPL_RSS -> abortReplied(memory, at, length);
      case Cpl.CPL_RDMA_TERMINATE -> terminated(memory, at, length);
      case Cpl.CPL_RX_DATA -> streamed(memory, at, length);
      case Cpl.CPL_SGE_EGR_UPDATE -> {
        if (lay(egressUpdate, memory, at, length)) {
          onEgressUpdate.run();
        }
      }
      case Cpl.CPL_ACT_ESTABLISH, Cpl.CPL_PASS_ESTABLISH -> {
        // The firmware says it of connections that it has opened; of one that was established
        // before it can only be told what is known.
        lay(establish, memory, at, length);
      }
      default ->
          garbage.found(
              null, "a message with opcode [%#04x], which no driver knows".formatted(opcode));
    }
  }

  @Override
  public void event(int completionQueue) {
    Flow flow = flows.byCompletionQueue(completionQueue);
    if (flow == null) {
      garbage.stray(
          "an event of completion queue [%d], which is not in use".formatted(completionQueue));
    } else {
      flow.completionEvent();
    }
  }

  @Override
  public void garbage(String what) {
    garbage.found(null, what);
  }

  private boolean lay(CplMessage kind, MemorySegment memory, long at, int length) {
    if (length < kind.sizeBytes()) {
      garbage.found(
          null,
          "a message with opcode [%#04x] of [%d] bytes, expected [%d]"
              .formatted(memory.get(ValueLayout.JAVA_BYTE, at) & 0xFF, length, kind.sizeBytes()));
      return false;
    }
    kind.at(memory, at);
    return true;
  }

  /** The connection of a message; null when it is for none. */
  private @Nullable Flow flow(CplMessage message, String name) {
    Flow flow = flows.byTid(message.tid());
    if (flow == null) {
      garbage.stray("%s for tid [%d], which is not in use".formatted(name, message.tid()));
    }
    return flow;
  }

  private void fw6(MemorySegment memory, long at, int length) {
    if (!lay(fw6Msg, memory, at, length)) {
      return;
    }
    switch (fw6Msg.type()) {
      case CplFw6Msg.TYPE_WR_RPL ->
          answered(fw6Msg.wrCookie(), fw6Msg.wrResult(), 0, "CPL_FW6_MSG type 1");
      case CplFw6Msg.TYPE_OFLD_CONNECTION_WR_RPL ->
          answered(
              fw6Msg.connectionCookie(),
              fw6Msg.connectionRetval(),
              (long) fw6Msg.connectionState() << Integer.SIZE
                  | Integer.toUnsignedLong(fw6Msg.connectionTid()),
              "CPL_FW6_MSG type 3");
      case CplFw6Msg.TYPE_CQE -> {
        cqe.at(memory, at + CplFw6Msg.CQE_OFFSET);
        Flow flow = flows.byWorkQueue(cqe.qpid());
        if (flow == null) {
          garbage.stray(
              "an error completion of work queues [%d], which are not in use"
                  .formatted(cqe.qpid()));
        } else {
          flow.failedCompletion(cqe);
        }
      }
      default ->
          garbage.found(
              null, "CPL_FW6_MSG of type [%d], expected 1, 2 or 3".formatted(fw6Msg.type()));
    }
  }

  private void answered(long cookie, int status, long value, String name) {
    Reply reply = replies.take(cookie);
    if (reply != null) {
      reply.complete(status, value, MemorySegment.NULL);
    } else if (!replies.isLate(cookie)) {
      garbage.found(null, "%s with cookie [%#x], which nobody awaits".formatted(name, cookie));
    }
  }

  private void answered(Replies.Kind kind, int number, int status, long value, String name) {
    Replies.Key key = new Replies.Key(kind, number);
    Reply reply = replies.take(key);
    if (reply != null) {
      reply.complete(status, value, MemorySegment.NULL);
    } else if (!replies.isLate(key)) {
      garbage.found(null, "%s for [%d], which nobody awaits".formatted(name, number));
    }
  }

  private void fw4(MemorySegment memory, long at, int length) {
    // Without the flag it gives credits back, of which this driver never runs short.
    if (lay(fw4Ack, memory, at, length) && fw4Ack.isFlowc()) {
      answered(Replies.Kind.FLOW_KNOWN, fw4Ack.tid(), 0, 0, "CPL_FW4_ACK");
    }
  }

  private void tcbWritten(MemorySegment memory, long at, int length) {
    if (lay(setTcbRpl, memory, at, length)) {
      answered(
          Replies.Kind.TCB_WRITTEN,
          tcbKey(setTcbRpl.tid(), setTcbRpl.cookie()),
          setTcbRpl.status(),
          setTcbRpl.oldVal(),
          "CPL_SET_TCB_RPL");
    }
  }

  /**
   * What CPL_SET_TCB_RPL names.
   *
   * @param wordCookie the request's low byte of {@code word_cookie}
   */
  static int tcbKey(int tid, int wordCookie) {
    return tid << Byte.SIZE | wordCookie;
  }

  private void tcbRead(MemorySegment memory, long at, int length) {
    if (!lay(getTcbRpl, memory, at, length)) {
      return;
    }
    Replies.Key key = new Replies.Key(Replies.Kind.TCB_READ, getTcbRpl.tid());
    Reply reply = replies.take(key);
    if (reply == null) {
      if (!replies.isLate(key)) {
        garbage.found(
            null, "CPL_GET_TCB_RPL for tid [%d], which nobody awaits".formatted(getTcbRpl.tid()));
      }
      return;
    }
    byte[] copy = memory.asSlice(at, getTcbRpl.sizeBytes()).toArray(ValueLayout.JAVA_BYTE);
    reply.complete(getTcbRpl.status(), 0, MemorySegment.ofArray(copy));
  }

  private void nextHopWritten(MemorySegment memory, long at, int length) {
    if (lay(tableRpl, memory, at, length)) {
      answered(
          Replies.Kind.NEXT_HOP,
          CplL2tWriteReq.indexOf(tableRpl.tid()),
          tableRpl.status(),
          0,
          "CPL_L2T_WRITE_RPL");
    }
  }

  private void sourceMacWritten(MemorySegment memory, long at, int length) {
    if (lay(tableRpl, memory, at, length)) {
      answered(
          Replies.Kind.SOURCE_MAC,
          CplSmtWriteReq.indexOf(tableRpl.tid()),
          tableRpl.status(),
          0,
          "CPL_SMT_WRITE_RPL");
    }
  }

  private void peerClosed(MemorySegment memory, long at, int length) {
    if (lay(peerClose, memory, at, length)) {
      Flow flow = flow(peerClose, "CPL_PEER_CLOSE");
      if (flow != null) {
        flow.peerClosed();
      }
    }
  }

  private void closed(MemorySegment memory, long at, int length) {
    if (lay(closeConRpl, memory, at, length)) {
      Flow flow = flow(closeConRpl, "CPL_CLOSE_CON_RPL");
      if (flow != null) {
        flow.closeReplied(closeConRpl.status());
      }
    }
  }

  private void abortRequested(MemorySegment memory, long at, int length) {
    if (lay(abort, memory, at, length)) {
      Flow flow = flow(abort, "CPL_ABORT_REQ_RSS");
      if (flow != null) {
        flow.abortRequested(abort.status());
      }
    }
  }

  private void abortReplied(MemorySegment memory, long at, int length) {
    if (lay(abort, memory, at, length)) {
      Flow flow = flow(abort, "CPL_ABORT_RPL_RSS");
      if (flow != null) {
        flow.abortReplied(abort.status());
      }
    }
  }

  private void terminated(MemorySegment memory, long at, int length) {
    if (!lay(terminate, memory, at, length)) {
      return;
    }
    Flow flow = flow(terminate, "CPL_RDMA_TERMINATE");
    if (flow == null) {
      return;
    }
    int header = terminate.sizeBytes();
    if (terminate.length() > length - header) {
      garbage.found(
          flow,
          "CPL_RDMA_TERMINATE of [%d] octets in a message of [%d] bytes"
              .formatted(terminate.length(), length));
      return;
    }
    flow.terminated(memory.asSlice(at + header, terminate.length()).toArray(ValueLayout.JAVA_BYTE));
  }

  private void streamed(MemorySegment memory, long at, int length) {
    if (lay(rxData, memory, at, length)) {
      Flow flow = flow(rxData, "CPL_RX_DATA");
      if (flow != null) {
        flow.streamed(rxData.length());
      }
    }
  }
}

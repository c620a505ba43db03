package dev.offramp.models.chelsio;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.TransmitBatch;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.ChelsioFaults.Message;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection in RDMA mode: its queues and the iWARP engine between them. Nothing is flushed and
 * no Terminate is sent unless the host asks for it. For the model's thread.
 */
final class RdmaQueues implements CompletionHandler {
  private static final int ALL = Integer.MAX_VALUE;

  /** RQ_MSN has 13 bits. */
  private static final int MSN_MASK = 0x1FFF;

  private final Silicon silicon;
  private final Flow flow;
  private final RiWr.Init init;
  private final RdmapStream stream;
  private final SendSide sends;
  private final ReceiveSide receives;

  private @Nullable TransmitBatch batch;
  private long receivedOctets;
  private boolean failed;
  private boolean endTold;
  private boolean terminateAsked;

  /**
   * A connection that has just entered RDMA mode; call {@link #attach} next.
   *
   * @param init as checked by {@link RdmaStarter}
   */
  RdmaQueues(
      Silicon silicon,
      Flow flow,
      RiWr.Init init,
      EgressQueue sendQueue,
      EgressQueue receiveQueue,
      IngressQueue sendCq,
      IngressQueue receiveCq) {
    this.silicon = silicon;
    this.flow = flow;
    this.init = init;
    boolean stag0 = (init.capabilities() & RiWr.Init.CAN_STAG0) != 0;
    LocalMemory memory = new LocalMemory(silicon, init.domain(), stag0);
    StreamConfig config = config(flow, init, sendQueue.slots(), receiveQueue.slots());
    this.stream = new RdmapStream(config, silicon.stags.table(), silicon.streamMemory);
    this.sends =
        new SendSide(silicon, init, sendQueue, sendCq, stream, memory, this::fail, flow::work);
    this.receives =
        new ReceiveSide(
            silicon, init.queueId(), receiveQueue, receiveCq, stream, memory, this::fail);
  }

  private static StreamConfig config(Flow flow, RiWr.Init init, int sendDepth, int receiveDepth) {
    boolean canRead = (init.capabilities() & RiWr.Init.CAN_READ) != 0;
    int ord = init.ordMax();
    RtrKind rtr = RtrKind.NONE;
    if (init.initiator()) {
      // The indication is a request like others here; a Read needs a place of its own.
      ord = init.peerToPeer() == Cqe.READ_REQ ? Math.max(1, ord) : ord;
    } else if (init.peerToPeer() == Cqe.SEND) {
      rtr = RtrKind.SEND;
    } else if (init.peerToPeer() == Cqe.READ_REQ) {
      rtr = RtrKind.READ;
    }
    return StreamConfig.builder(init.initiator() ? MpaRole.INITIATOR : MpaRole.RESPONDER)
        .crc(init.crc())
        .markers(init.sendMarkers(), init.receiveMarkers())
        .readDepths(canRead ? init.irdMax() : 0, ord)
        .rtr(rtr)
        .emss(flow.segmentBytes())
        .queueDepths(sendDepth + 1, receiveDepth)
        .maxBuffers(RiWork.MAX_SEND_PIECES)
        .domain(init.domain())
        .build();
  }

  void attach() {
    receives.attach();
    sends.attach();
  }

  /** Lets go of the queues: they are the host's to take back. */
  void detach() {
    sends.detach();
    receives.detach();
    stream.releaseIdleMemory();
  }

  RiWr.Init init() {
    return init;
  }

  // ---- completions

  /** Looks for completions and the end; true when there may be more to send. */
  boolean moved() {
    injected();
    stream.pollCompletions(this, ALL);
    tellEnd();
    return sends.start();
  }

  @Override
  public void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    if (operation == Operation.RECEIVE) {
      receives.completed(status, (int) bytes, detail);
    } else {
      sends.completed(status);
    }
  }

  private void tellEnd() {
    StreamEnd end = stream.end().orElse(null);
    if (end == null || endTold) {
      return;
    }
    endTold = true;
    switch (end) {
      case StreamEnd.TerminatedLocally found -> {
        if (!failed) {
          fail(RdmaErrors.found(init.queueId(), found), false);
        }
      }
      case StreamEnd.TerminatedByPeer by -> tellTerminate(RdmaErrors.message(by.terminate()));
      default -> {
        // The host hears of FINs and resets from the connection.
      }
    }
  }

  private void tellTerminate(MemorySegment message) {
    silicon.messages.complete(
        receives.completions(), Cqe.received(init.queueId(), Cqe.TERMINATE, Cqe.OK, 0, 0, 0));
    flow.send(Message.RDMA_TERMINATE, Cpl.terminate(flow.tid(), message));
  }

  /**
   * The stream stands still: an asynchronous CQE tells firmware's queue, and of a work request of
   * the host's the completion queue, too (model decision: iw_cxgb4 is ready for either).
   */
  private void fail(Cqe cqe, boolean completes) {
    if (failed) {
      return;
    }
    failed = true;
    sends.stop();
    flow.tcb().setFlag(TcbField.Flag.RDMA_ERROR, true);
    if (completes) {
      silicon.messages.complete(cqe.send() ? sends.completions() : receives.completions(), cqe);
    }
    silicon.messages.send(Message.FW6_CQE, flow.firmwareQueue(), Cpl.asynchronousCqe(cqe));
  }

  private void injected() {
    long status = silicon.faults.at(ChelsioFaults.STREAM_ASYNC_ERROR);
    if (status != Faults.NO_FAULT) {
      fail(Cqe.received(init.queueId(), Cqe.WRITE, (int) status & 0x1F, 0, 0, 0), false);
    }
    long message = silicon.faults.at(ChelsioFaults.STREAM_TERMINATE);
    if (message != Faults.NO_FAULT) {
      MemorySegment bytes = MemorySegment.ofArray(new byte[4]);
      Be.put32(bytes, 0, message & 0xFFFF_0000L);
      tellTerminate(bytes);
    }
  }

  // ---- bytes

  ByteBuffer receiveBuffer() {
    return stream.receiveBuffer();
  }

  void received(int count) {
    receivedOctets += count;
    stream.received(count);
  }

  void peerClosed() {
    stream.peerClosed();
  }

  /** Whether the peer's FIN was what ended the stream, and came inside an FPDU. */
  boolean isCut() {
    return stream.end().orElse(null) instanceof StreamEnd.TruncatedByPeer;
  }

  /**
   * What to send now; null for nothing. After an error only what has begun, and the Terminate when
   * the host has asked for it.
   */
  @Nullable TransmitBatch poll() {
    boolean over = failed || stream.end().isPresent();
    if (over && !hasBegun() && !owesTerminate()) {
      return null;
    }
    TransmitBatch next = stream.pollTransmit(silicon.platform.nanoTime().getAsLong());
    batch = next;
    return next.isEmpty() ? null : next;
  }

  private boolean owesTerminate() {
    return terminateAsked && stream.isTerminatePending();
  }

  /** Some of what {@link #poll} gave has been taken; true when all has. */
  boolean written(TransmitBatch some) {
    stream.transmitted();
    return some.isEmpty();
  }

  /**
   * FW_RI_WR TERMINATE: its own bytes go out, if the stream may speak (RFC 5044, section 7.1.2) and
   * has not been terminated yet.
   */
  void terminate(MemorySegment message) {
    failed = true;
    sends.stop();
    int first = Be.get8(message, 0);
    stream.terminate(
        TerminateCause.of(first >> 4, first & 0xF, Be.get8(message, 1))
            .orElse(TerminateCause.RDMAP_LOCAL_CATASTROPHIC),
        "asked for by the host");
    if (!terminateAsked) {
      terminateAsked = true;
      stream.rewordTerminate(message.asByteBuffer());
    }
    flow.work();
  }

  /** TCP is dead. */
  void connectionLost() {
    sends.stop();
    stream.connectionLost(new StreamEnd.Reset());
    stream.pollCompletions(this, ALL);
  }

  // ---- state

  /** Whether an FPDU has been sent, or begun. */
  boolean hasSent() {
    return stream.position().sentOctets() > 0 || hasBegun();
  }

  private boolean hasBegun() {
    TransmitBatch begun = batch;
    return begun != null && !begun.isEmpty();
  }

  /** Whether all that was posted has been sent, and answered where there is an answer. */
  boolean isSendIdle() {
    boolean over = failed || stream.end().isPresent();
    return !hasBegun() && !owesTerminate() && (over || sends.isIdle());
  }

  /** Whether something has been sent in part. */
  boolean isSending() {
    return !isSendIdle();
  }

  /** Whether an FPDU, or a message of several, has come in part. */
  boolean isReceiving() {
    return receivedOctets != stream.position().receivedOctets() || (isSendIdle() && !isQuiet());
  }

  /** Octets of the FPDU under way that are still to come; 0 between two, negative if unknown. */
  int missingOctets() {
    return stream.missingOctets();
  }

  /** Whether no message of the peer's on queue 0 has come in part. */
  boolean isBetweenMessages() {
    return stream.isBetweenMessages();
  }

  /** Whether nothing is under way in either direction. */
  boolean isQuiet() {
    return !sends.hasPending() && stream.isQuiet();
  }

  /** The next message's number, as a TCB has it. */
  int receiveMsn() {
    return receives.msn() & MSN_MASK;
  }
}

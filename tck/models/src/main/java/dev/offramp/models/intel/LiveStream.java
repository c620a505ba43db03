package dev.offramp.models.intel;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.StreamPosition;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.StreamRunner;
import dev.offramp.spi.port.StreamPort;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the device runs: reads both queues, does what they say, and writes completions.
 * It begins in TCP's streaming mode. A stream-mode Send that waits for the first PDU makes this end
 * the Responder of MPA start-up, any other work request the Initiator, which may send FPDUs at
 * once.
 */
final class LiveStream implements StreamRunner.Owner {
  private static final long LINGER_NANOS = 10_000_000_000L;

  /** Of one stream-mode Send. There is a limit, and its value is not public: model decision. */
  private static final int MAX_STREAM_BYTES = 64 << 10;

  /** Of FPDUs that come before the host has posted anything. */
  private static final int MAX_EARLY_BYTES = 1 << 20;

  /** Parts that one quantum can make at most, with room to spare. */
  private static final int PARTS_PER_QUANTUM = 4;

  private final DeviceState device;
  private final QueuePair owner;
  private final ConnectionContext context;
  private final SendRing sendRing;
  private final ReceiveRing receiveRing;
  private final WorkPoster poster;
  private final StreamRunner runner;
  private final int ord;
  private final Deque<PendingWork> sends = new ArrayDeque<>();
  private final Deque<PendingWork> receives = new ArrayDeque<>();
  private final ByteArrayOutputStream early = new ByteArrayOutputStream();

  private @Nullable RdmapStream engine;
  private int streamedBytes;
  private boolean rung;
  private boolean fetching;
  private boolean suspended;
  private boolean suspendTold = true;
  private boolean failed;
  private boolean terminateAllowed;
  private boolean finAllowed;
  private boolean terminateTold;
  private int unreportedQuanta;

  LiveStream(
      DeviceState device,
      QueuePair owner,
      ConnectionContext context,
      SendRing sendRing,
      ReceiveRing receiveRing,
      StreamPort port,
      int ord) {
    this.device = device;
    this.owner = owner;
    this.context = context;
    this.sendRing = sendRing;
    this.receiveRing = receiveRing;
    this.ord = ord;
    this.poster =
        new WorkPoster(
            device.chip,
            device.dma,
            device.stags,
            context.domain(),
            context.isSet(ContextFields.PRIVEN),
            sendRing.quanta());
    this.runner =
        new StreamRunner(
            port, device.platform.loop(), device.platform.nanoTime(), LINGER_NANOS, this);
  }

  void start() {
    runner.start();
  }

  StreamRunner runner() {
    return runner;
  }

  /** The send queue was rung. */
  void ring() {
    rung = true;
    fetch();
    runner.work();
  }

  // ---- reading the send queue

  private void fetch() {
    if (fetching) {
      // The runner tells of bytes that a work request has just made it move.
      return;
    }
    fetching = true;
    try {
      boolean more = rung && !failed && !suspended && !device.isHalted();
      while (more) {
        if (sendRing.hasNext()) {
          more = fetchNext();
        } else {
          // Who writes a work request now looks at what is published, and rings if need be.
          sendRing.publish();
          java.lang.invoke.VarHandle.fullFence();
          more = sendRing.hasNext();
          rung = more;
        }
      }
      if (rung) {
        sendRing.publish();
      }
    } catch (DmaFaultException e) {
      device.fault(e);
      fail(EventCodes.QP_CATASTROPHIC, EventCodes.SOURCE_SQ, sendRing.index());
    } finally {
      fetching = false;
    }
  }

  /** Reads one work request and starts it; false when it has to wait, or nothing goes on. */
  private boolean fetchNext() throws DmaFaultException {
    int at = sendRing.index();
    int quanta = sendRing.nextQuanta();
    if (sendRing.crossesChunk(quanta)) {
      device.notebook.violation(
          Violation.Kind.WQE_CROSSES_CHUNK,
          "%s: %d quanta at index [%d], chunks have %d"
              .formatted(owner, quanta, at, device.chip.chunkQuanta()));
      fail(EventCodes.WQE_INVALID_PARAMETER, EventCodes.SOURCE_SQ, at);
      return false;
    }
    WorkRequest work = sendRing.next(quanta);
    if (work.hasStaleFragment(device.chip)) {
      device.notebook.violation(
          Violation.Kind.STALE_FRAGMENT, "%s: index [%d], %s".formatted(owner, at, work));
      fail(EventCodes.WQE_INVALID_FRAGMENT, EventCodes.SOURCE_SQ, at);
      return false;
    }
    if ((work.localFence() && !sends.isEmpty())
        || (work.readFence() && sends.stream().anyMatch(earlier -> earlier.reads))
        || isAwaitingFirstPdu()) {
      return false;
    }
    PendingWork pending = new PendingWork(at, work);
    try {
      if (!begin(work, pending)) {
        poster.release(pending);
        return false;
      }
    } catch (WorkException e) {
      poster.release(pending);
      device.notebook.refusal("%s, index %d: %s".formatted(owner, at, e.getMessage()));
      fail(e.code(), EventCodes.SOURCE_SQ, at);
      return false;
    }
    sends.add(pending);
    if (!sendRing.advance(quanta)) {
      device.notebook.violation(
          Violation.Kind.SEND_QUEUE_OVERRUN,
          "%s: the ring has %d quanta, 257 must stay free".formatted(owner, sendRing.quanta()));
    }
    settle();
    return !failed;
  }

  private boolean isAwaitingFirstPdu() {
    PendingWork oldest = sends.peekFirst();
    return oldest != null && oldest.condition == PendingWork.Condition.FIRST_PDU;
  }

  private boolean begin(WorkRequest work, PendingWork pending)
      throws WorkException, DmaFaultException {
    if (work.opcode() == WorkFields.OP_NOP) {
      return true;
    }
    if (work.opcode() == WorkFields.OP_RTS_EVENT) {
      if (!device.chip.isSecondGeneration()) {
        throw new WorkException(EventCodes.WQE_UNEXPECTED_OPCODE, "X722 has no RTS event");
      }
      return true;
    }
    if (work.streamMode()) {
      stream(work, pending);
      return true;
    }
    RdmapStream running = engine == null ? enterRdma(MpaRole.INITIATOR) : engine;
    return poster.post(running, work, pending);
  }

  private void stream(WorkRequest work, PendingWork pending)
      throws WorkException, DmaFaultException {
    if (engine != null || work.opcode() != WorkFields.OP_SEND) {
      throw new WorkException(
          EventCodes.WQE_INVALID_PARAMETER, "stream mode after the first FPDU, or no Send");
    }
    if (work.totalBytes() > MAX_STREAM_BYTES) {
      throw new WorkException(
          EventCodes.WQE_LSMM_TOO_LONG,
          "[%d] bytes in stream mode, at most %d".formatted(work.totalBytes(), MAX_STREAM_BYTES));
    }
    byte[] bytes = poster.bytes(work);
    streamedBytes += bytes.length;
    pending.condition = PendingWork.Condition.STREAMED;
    runner.send(ByteBuffer.wrap(bytes));
    if (work.waitsForPdu()) {
      pending.condition = PendingWork.Condition.FIRST_PDU;
      enterRdma(MpaRole.RESPONDER);
    }
  }

  private RdmapStream enterRdma(MpaRole role) {
    boolean sendMarkers = context.isSet(ContextFields.SNDMARKERS);
    boolean receiveMarkers = context.isSet(ContextFields.RCVMARKERS);
    int firstSent = context.getInt(ContextFields.SNDNXT) + streamedBytes;
    int firstReceived = context.getInt(ContextFields.RCVNXT);
    Integer ird = context.ird();
    RdmapStream entered =
        new RdmapStream(
            StreamConfig.builder(role)
                .crc(!context.isSet(ContextFields.RCVNOMPACRC))
                .markers(sendMarkers, receiveMarkers)
                .readDepths(ird == null ? 0 : ird, ord)
                .emss(runner.port().segmentBytes())
                .queueDepths(PARTS_PER_QUANTUM * sendRing.quanta(), receiveRing.entries())
                .maxBuffers(WorkPoster.maxBuffers())
                .domain(context.domain())
                .start(
                    new StreamPosition(
                        1,
                        1,
                        1,
                        1,
                        1,
                        1,
                        sendMarkers ? context.sendMarkerLag(firstSent) : 0,
                        receiveMarkers ? context.receiveMarkerLag(firstReceived) : 0,
                        false))
                .build(),
            device.stags.memory(),
            device.buffers);
    engine = entered;
    pullReceives();
    if (early.size() > 0) {
      entered.receive(ByteBuffer.wrap(early.toByteArray()));
      early.reset();
    }
    runner.enterRdma(entered);
    return entered;
  }

  // ---- reading the receive queue

  private void pullReceives() {
    RdmapStream running = engine;
    if (running == null || failed || device.isHalted()) {
      return;
    }
    try {
      while (receives.size() < receiveRing.entries() && receiveRing.hasNext()) {
        PendingWork pending = new PendingWork(receiveRing.wqeIndex(), receiveRing.next());
        if (!postReceive(running, pending)) {
          return;
        }
        receives.add(pending);
        receiveRing.advance();
      }
    } catch (DmaFaultException e) {
      device.fault(e);
      fail(EventCodes.QP_CATASTROPHIC, EventCodes.SOURCE_RQ, receiveRing.wqeIndex());
    }
  }

  private boolean postReceive(RdmapStream running, PendingWork pending) throws DmaFaultException {
    WorkRequest work = receiveRing.next();
    try {
      if (work.hasStaleFragment(device.chip)) {
        device.notebook.violation(
            Violation.Kind.STALE_FRAGMENT,
            "%s: receive queue, index [%d], %s".formatted(owner, pending.wqeIndex, work));
        throw new WorkException(EventCodes.WQE_INVALID_FRAGMENT, "stale fragment");
      }
      return poster.postReceive(running, work, pending);
    } catch (WorkException e) {
      poster.release(pending);
      device.notebook.refusal(
          "%s, receive queue, index %d: %s".formatted(owner, pending.wqeIndex, e.getMessage()));
      fail(e.code(), EventCodes.SOURCE_RQ, pending.wqeIndex);
      return false;
    }
  }

  // ---- completions

  @Override
  public void moved() {
    RdmapStream running = engine;
    if (running != null) {
      running.pollCompletions(this::completed, Integer.MAX_VALUE);
    }
    settle();
    if (running != null) {
      tellTerminateSent(running);
    }
    if (rung) {
      int before = sends.size();
      fetch();
      if (sends.size() > before) {
        runner.work();
      }
    }
    tellSuspended();
    device.progressed();
  }

  private void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    if (operation == Operation.RECEIVE) {
      received(status, bytes, detail);
    } else if (status == CompletionStatus.SUCCESS) {
      for (PendingWork pending : sends) {
        if (pending.parts > 0) {
          pending.parts--;
          return;
        }
      }
    } else if (status == CompletionStatus.INVALID_REGION) {
      PendingWork first = sends.peekFirst();
      fail(
          EventCodes.INVALID_STAG,
          EventCodes.SOURCE_SQ,
          first == null ? sendRing.index() : first.wqeIndex);
    }
    // What the engine flushes stays in the queue until the host flushes it.
  }

  private void received(CompletionStatus status, long bytes, CompletionDetail detail) {
    PendingWork pending = receives.peekFirst();
    if (status != CompletionStatus.SUCCESS || pending == null) {
      return;
    }
    receives.removeFirst();
    poster.release(pending);
    owner.complete(
        owner.receiveCompletions(),
        new Completion(
            context.get(ContextFields.QPCOMPCTX),
            false,
            owner.id(),
            pending.wqeIndex,
            WorkFields.OP_RECEIVE,
            bytes,
            detail.isSolicited(),
            detail.hasInvalidatedStag(),
            detail.hasInvalidatedStag() ? detail.invalidatedStag() : 0,
            false,
            0,
            0));
    faultEvent();
  }

  /** Tells of work requests at the head of the send queue that are done. */
  private void settle() {
    PendingWork oldest = sends.peekFirst();
    while (oldest != null && isDone(oldest)) {
      sends.removeFirst();
      poster.release(oldest);
      unreportedQuanta += oldest.quanta;
      if (oldest.opcode == WorkFields.OP_RTS_EVENT) {
        owner.raise(EventCodes.CONNECTION_ESTABLISHED, EventCodes.SOURCE_NONE, 0, 0);
      }
      if (oldest.signalled) {
        sendRing.reported(unreportedQuanta);
        unreportedQuanta = 0;
        owner.complete(
            owner.sendCompletions(),
            new Completion(
                context.get(ContextFields.QPCOMPCTX),
                true,
                owner.id(),
                oldest.wqeIndex,
                oldest.opcode,
                oldest.bytes,
                false,
                false,
                0,
                false,
                0,
                0));
      }
      faultEvent();
      oldest = sends.peekFirst();
    }
  }

  private boolean isDone(PendingWork work) {
    RdmapStream running = engine;
    if (work.condition != PendingWork.Condition.NONE) {
      boolean streamed = !runner.isStreamingPending();
      boolean heard =
          work.condition != PendingWork.Condition.FIRST_PDU
              || (running != null && running.hasHeardPeer());
      if (!streamed || !heard) {
        return false;
      }
      work.condition = PendingWork.Condition.NONE;
    }
    return work.parts == 0;
  }

  private void faultEvent() {
    long code = device.faults().at(IntelFaults.EVENT);
    if (code != dev.offramp.models.Faults.NO_FAULT) {
      owner.injectEvent(code == 1 ? EventCodes.QP_CATASTROPHIC : (int) code);
    }
  }

  /** Completions that were not written and work requests that were not read are given up. */
  Unfinished flush(boolean sendQueue) {
    Deque<PendingWork> queue = sendQueue ? sends : receives;
    PendingWork first = queue.peekFirst();
    int at = sendQueue ? sendRing.index() : receiveRing.wqeIndex();
    int opcode = WorkFields.OP_RECEIVE;
    boolean any = first != null;
    try {
      if (sendQueue) {
        while (sendRing.hasNext() && !sendRing.crossesChunk(sendRing.nextQuanta())) {
          any = true;
          sendRing.advance(sendRing.nextQuanta());
        }
        sendRing.publish();
      } else {
        for (int i = 0; i < receiveRing.entries() && receiveRing.hasNext(); i++) {
          any = true;
          receiveRing.advance();
        }
      }
    } catch (DmaFaultException e) {
      device.fault(e);
    }
    if (first != null) {
      at = first.wqeIndex;
      opcode = sendQueue ? first.opcode : WorkFields.OP_RECEIVE;
    }
    queue.forEach(poster::release);
    queue.clear();
    return new Unfinished(any, at, opcode);
  }

  /**
   * What a flush found.
   *
   * @param any whether there was anything
   * @param wqeIndex of the first
   * @param opcode of the first
   */
  record Unfinished(boolean any, int wqeIndex, int opcode) {}

  // ---- errors and ends

  /**
   * The device cannot go on: an event tells why, and the host has to say what the peer gets.
   *
   * @param code see {@link EventCodes}
   */
  private void fail(int code, int source, int wqeIndex) {
    if (failed) {
      return;
    }
    failed = true;
    owner.raise(code, source, wqeIndex, 0);
    RdmapStream running = engine;
    if (running != null) {
      running.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC, "event %#x".formatted(code));
      runner.work();
    }
  }

  @Override
  public boolean mayTerminate() {
    return terminateAllowed;
  }

  @Override
  public boolean mayHalfClose() {
    return finAllowed;
  }

  @Override
  public void arrived() {
    pullReceives();
  }

  @Override
  public void streamed(ByteBuffer bytes) {
    byte[] copy = new byte[bytes.remaining()];
    bytes.get(copy);
    early.writeBytes(copy);
    if (early.size() >= MAX_EARLY_BYTES) {
      runner.setReading(false);
    }
  }

  @Override
  public void peerClosed() {
    if (engine == null) {
      owner.peerClosed();
    }
  }

  @Override
  public void ended(StreamEnd end) {
    owner.ended(end, failed || terminateAllowed);
  }

  @Override
  public void gone() {
    owner.gone();
  }

  private void tellTerminateSent(RdmapStream running) {
    if (terminateAllowed
        && !terminateTold
        && !running.isTerminatePending()
        && running.end().orElse(null) instanceof StreamEnd.TerminatedLocally) {
      terminateTold = true;
      owner.raise(EventCodes.TERMINATE_SENT, EventCodes.SOURCE_NONE, 0, 0);
    }
  }

  // ---- what commands want

  /** Whether work requests of the send queue are not done. */
  boolean isSendQueueBusy() {
    return !sends.isEmpty();
  }

  /** MODIFY_QP to closing: a FIN follows what was posted. */
  void close() {
    finAllowed = true;
    RdmapStream running = engine;
    if (running == null) {
      runner.halfClose();
    } else {
      running.closeRequested();
      runner.work();
    }
  }

  /**
   * MODIFY_QP to terminate.
   *
   * @param message the Terminate's payload; null when none is to be sent
   * @param fin whether a FIN may follow
   */
  void terminate(@Nullable ByteBuffer message, boolean fin) {
    finAllowed |= fin;
    RdmapStream running = engine;
    if (running == null) {
      if (fin) {
        runner.halfClose();
      }
      return;
    }
    running.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC, "the host wants it");
    if (message == null) {
      running.withholdTerminate();
    } else {
      running.rewordTerminate(message);
      terminateAllowed = true;
    }
    runner.work();
  }

  /** SUSPEND_QP: no work request is begun any more. */
  boolean suspend() {
    suspended = true;
    suspendTold = isQuiet();
    return suspendTold;
  }

  private void tellSuspended() {
    if (suspended && !suspendTold && isQuiet()) {
      suspendTold = true;
      owner.raise(EventCodes.SUSPEND_COMPLETE, EventCodes.SOURCE_NONE, 0, 0);
    }
  }

  /** RESUME_QP. */
  void resume() {
    suspended = false;
    fetch();
    runner.work();
  }

  /** Whether nothing is under way, so that the context says all. */
  boolean isQuiet() {
    return runner.isQuiet() && early.size() == 0;
  }

  /** MODIFY_QP with a new segment size. */
  void setSegmentBytes(int bytes) {
    RdmapStream running = engine;
    if (running != null) {
      running.setEmss(bytes);
    }
  }

  /** Ends the connection: by RST, or without a word. */
  void end(boolean reset) {
    failed = true;
    if (reset) {
      runner.reset();
    } else {
      runner.letGo();
      RdmapStream running = engine;
      if (running != null) {
        // Gives back the views of memory that wait for TCP.
        running.connectionLost(new StreamEnd.ClosedLocally());
      }
    }
  }
}

package dev.offramp.models.intel;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import dev.offramp.models.StreamRunner;
import dev.offramp.spi.port.StreamPort;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * A connection that the device runs: joins both queues, the engine and TCP. It begins in TCP's
 * streaming mode. A stream-mode Send that waits for the first PDU makes this end the Responder of
 * MPA start-up, any other work request the Initiator, which may send FPDUs at once.
 */
final class LiveStream implements StreamRunner.Owner, SendSide.Worker {
  private static final long LINGER_NANOS = 10_000_000_000L;

  /** Of one stream-mode Send. There is a limit, and its value is not public: model decision. */
  private static final int MAX_STREAM_BYTES = 64 << 10;

  /** Of FPDUs that come before the host has posted anything. */
  private static final int MAX_EARLY_BYTES = 1 << 20;

  private final DeviceState device;
  private final QueuePair owner;
  private final EngineFactory factory;
  private final int sendQuanta;
  private final WorkPoster poster;
  private final SendSide sends;
  private final ReceiveSide receives;
  private final StreamRunner runner;
  private final Quiescence quiescence;
  private final ByteArrayOutputStream early = new ByteArrayOutputStream();

  private @Nullable RdmapStream engine;
  private int streamedBytes;
  private boolean failed;
  private boolean suspended;
  private boolean suspendTold = true;
  private boolean terminateAllowed;
  private boolean terminateTold;
  private boolean finAllowed;

  /**
   * A connection in streaming mode; {@link #start} begins to move bytes.
   *
   * @param context as it was loaded
   * @param port its TCP
   * @param ord outstanding Reads
   */
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
    this.factory = new EngineFactory(device, context, ord);
    this.sendQuanta = sendRing.quanta();
    this.poster =
        new WorkPoster(
            device.chip,
            device.dma,
            device.stags,
            context.domain(),
            context.isSet(ContextFields.PRIVEN),
            sendQuanta);
    this.sends = new SendSide(device, owner, sendRing, poster, this);
    this.receives = new ReceiveSide(device, owner, receiveRing, poster, this::fail);
    this.runner =
        new StreamRunner(
            port, device.platform.loop(), device.platform.nanoTime(), LINGER_NANOS, this);
    this.quiescence = new Quiescence(runner, device.platform.nanoTime());
  }

  void start() {
    runner.start();
  }

  StreamRunner runner() {
    return runner;
  }

  /** The send queue was rung. */
  void ring() {
    sends.ring();
    runner.work();
  }

  // ---- work

  @Override
  public boolean begin(WorkRequest work, PendingWork pending)
      throws WorkException, DmaFaultException {
    if (work.opcode() == WorkFields.OP_NOP) {
      if (engine == null && streamedBytes == 0) {
        enterRdma(MpaRole.INITIATOR);
      }
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
    RdmapStream entered =
        factory.create(
            role, streamedBytes, runner.port().segmentBytes(), sendQuanta, receives.entries());
    engine = entered;
    pullReceives(entered);
    if (early.size() > 0) {
      entered.receive(ByteBuffer.wrap(early.toByteArray()));
      early.reset();
    }
    runner.enterRdma(entered);
    return entered;
  }

  private void pullReceives(RdmapStream running) {
    if (!failed) {
      receives.pull(running);
    }
  }

  @Override
  public boolean isDone(PendingWork.Condition condition) {
    RdmapStream running = engine;
    return !runner.isStreamingPending()
        && (condition != PendingWork.Condition.FIRST_PDU
            || (running != null && running.hasHeardPeer()));
  }

  @Override
  public void done(PendingWork work) {
    if (work.opcode == WorkFields.OP_RTS_EVENT) {
      owner.raise(EventCodes.CONNECTION_ESTABLISHED, EventCodes.SOURCE_NONE, 0, 0);
    }
    if (work.signalled) {
      owner.completeSend(work);
    }
    injectEvent();
  }

  // ---- completions

  @Override
  public void moved() {
    RdmapStream running = engine;
    if (running != null) {
      running.pollCompletions(this::completed, Integer.MAX_VALUE);
      tellTerminateSent(running);
    }
    sends.settle();
    if (sends.isRung()) {
      int before = sends.size();
      sends.fetch();
      if (sends.size() > before) {
        runner.work();
      }
    }
    tellSuspended();
    quiescence.look();
  }

  /** What the engine flushes stays in its queue until the host flushes it. */
  private void completed(
      long id, Operation operation, CompletionStatus status, long bytes, CompletionDetail detail) {
    if (status == CompletionStatus.INVALID_REGION && operation != Operation.RECEIVE) {
      fail(EventCodes.INVALID_STAG, EventCodes.SOURCE_SQ, sends.oldestIndex());
    } else if (status == CompletionStatus.SUCCESS && operation != Operation.RECEIVE) {
      sends.partDone();
    } else if (status == CompletionStatus.SUCCESS) {
      PendingWork receive = receives.take();
      if (receive != null) {
        owner.completeReceive(receive, bytes, detail);
        injectEvent();
      }
    }
  }

  private void injectEvent() {
    long code = device.faults().at(IntelFaults.EVENT);
    if (code != Faults.NO_FAULT) {
      owner.injectEvent(code == 1 ? EventCodes.QP_CATASTROPHIC : (int) code);
    }
  }

  /** FLUSH_WQES: completions that were not written and work that was not read are given up. */
  SendSide.Unfinished flush(boolean sendQueue) {
    return sendQueue ? sends.flush() : receives.flush();
  }

  // ---- errors and ends

  /** An event tells why; what the peer gets, the host has to say. */
  @Override
  public void fail(int code, int source, int wqeIndex) {
    if (failed) {
      return;
    }
    stop();
    owner.raise(code, source, wqeIndex, 0);
    RdmapStream running = engine;
    if (running != null) {
      running.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC, "event %#x".formatted(code));
      runner.work();
    }
  }

  private void stop() {
    failed = true;
    sends.setStopped(true);
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
    RdmapStream running = engine;
    if (running != null) {
      pullReceives(running);
    }
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
    return sends.size() > 0;
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

  /**
   * SUSPEND_QP: no work request is begun any more.
   *
   * @return whether nothing is under way already; else an event tells
   */
  boolean suspend() {
    suspended = true;
    sends.setStopped(true);
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
    sends.setStopped(failed);
    sends.fetch();
    runner.work();
  }

  /** Whether nothing is under way, so that the context says all. */
  boolean isQuiet() {
    return runner.isQuiet() && early.size() == 0;
  }

  /**
   * UPLOAD_CONTEXT with freeze: from now on, and until {@link #endRest}, the device looks for a
   * moment at which the context says all.
   *
   * @return whether this is one
   */
  boolean comesToRest() {
    quiescence.begin();
    return early.size() == 0 && quiescence.isReached();
  }

  /** The peer's messages are taken again. */
  void endRest() {
    quiescence.end();
  }

  /** Lets memory go that bytes on their way to TCP are in. */
  void copyLent(Region region) {
    RdmapStream running = engine;
    if (running != null) {
      running.copyLent(region);
    }
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
    stop();
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

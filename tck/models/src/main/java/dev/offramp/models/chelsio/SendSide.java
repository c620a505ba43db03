package dev.offramp.models.chelsio;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.iwarp.rdmap.RdmapStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A connection's send queue: work requests wait until fences and the engine let them start, and
 * complete in order. For the model's thread.
 */
final class SendSide {
  /** What an RQ completion of the ready-to-receive Read names (iw_cxgb4: stag 1). */
  private static final int INDICATION_STAG = 1;

  private final Silicon silicon;
  private final RiWr.Init init;
  private final EgressQueue queue;
  private final IngressQueue completions;
  private final WorkStarter starter;
  private final Failure failure;
  private final Runnable posted;
  private final Deque<SqEntry> pending = new ArrayDeque<>();
  private final Deque<SqEntry> started = new ArrayDeque<>();
  private int reads;
  private boolean stopped;

  /**
   * A queue that is not attached yet.
   *
   * @param posted runs when there is something to send
   */
  SendSide(
      Silicon silicon,
      RiWr.Init init,
      EgressQueue queue,
      IngressQueue completions,
      RdmapStream stream,
      LocalMemory memory,
      Failure failure,
      Runnable posted) {
    this.silicon = silicon;
    this.init = init;
    this.queue = queue;
    this.completions = completions;
    this.starter = new WorkStarter(silicon, init, stream, memory);
    this.failure = failure;
    this.posted = posted;
  }

  /** Starts with what was posted before; an Initiator's indication goes first. */
  void attach() {
    completions.use(1);
    if (init.initiator() && init.peerToPeer() != RiWr.Init.NO_INDICATION) {
      try {
        pending.add(SqEntry.indication(RiWork.decode(init.indication())));
      } catch (MalformedException e) {
        throw new AssertionError("checked before", e);
      }
    }
    queue.attach(this::accept);
    start();
  }

  void detach() {
    queue.attach(null);
    completions.use(-1);
    pending.forEach(entry -> entry.forget(silicon.stags));
    started.forEach(entry -> entry.forget(silicon.stags));
  }

  IngressQueue completions() {
    return completions;
  }

  /** Nothing starts any more. */
  void stop() {
    stopped = true;
  }

  boolean isIdle() {
    return pending.isEmpty() && started.isEmpty();
  }

  boolean hasPending() {
    return !pending.isEmpty();
  }

  private boolean accept(MemorySegment wr, int slots) {
    RiWork work;
    try {
      work = RiWork.decode(wr);
    } catch (MalformedException e) {
      silicon.violations.malformed(queue.name(), e);
      failure.failed(
          Cqe.sent(init.queueId(), Be.get8(wr, 0) & 0xF, Cqe.ERR_OPCODE, Be.get16(wr, 2)), true);
      return true;
    }
    if (work instanceof RiWork.WriteAndSend both) {
      pending.add(new SqEntry(both.write(), 0));
      pending.add(new SqEntry(both.send(), slots));
    } else {
      pending.add(new SqEntry(work, slots));
    }
    start();
    posted.run();
    return false;
  }

  /** Gives the engine what it can take, in order; true when there was something. */
  boolean start() {
    boolean any = false;
    while (!pending.isEmpty() && !stopped) {
      SqEntry entry = pending.element();
      int status = isFenced(entry) ? WorkStarter.WAIT : starter.start(entry, started.isEmpty());
      if (status == WorkStarter.WAIT) {
        return any;
      }
      pending.remove();
      if (status == WorkStarter.DONE) {
        done(entry, CompletionStatus.SUCCESS);
      } else if (status == Cqe.OK) {
        started.add(entry);
        reads += entry.isRead() ? 1 : 0;
      } else {
        refused(entry, status);
      }
      any = true;
    }
    return any;
  }

  private boolean isFenced(SqEntry entry) {
    int flags = entry.work().flags();
    boolean behindReads = (flags & RiWork.READ_FENCE_FLAG) != 0 && reads > 0;
    boolean behindAll = (flags & RiWork.LOCAL_FENCE_FLAG) != 0 && !started.isEmpty();
    return behindReads || behindAll;
  }

  private void refused(SqEntry entry, int status) {
    entry.forget(silicon.stags);
    silicon.violations.add(
        Violation.Kind.BAD_WORK_REQUEST,
        queue.name(),
        "%s: status %#x".formatted(entry.work(), status),
        "STags of this domain with the access that is needed, and lengths that agree");
    failure.failed(Cqe.sent(init.queueId(), entry.opcode(), status, entry.work().wrid()), true);
  }

  /** The engine is done with the oldest request. */
  void completed(CompletionStatus status) {
    SqEntry entry = started.remove();
    reads -= entry.isRead() ? 1 : 0;
    done(entry, status);
  }

  private void done(SqEntry entry, CompletionStatus status) {
    entry.forget(silicon.stags);
    if (status == CompletionStatus.SUCCESS) {
      queue.free(entry.slots());
      complete(entry);
    } else if (status == CompletionStatus.INVALID_REGION) {
      queue.free(entry.slots());
      failure.failed(
          Cqe.sent(init.queueId(), entry.opcode(), Cqe.ERR_STAG, entry.work().wrid()), true);
    }
    // Flushed: the host does that itself.
  }

  private void complete(SqEntry entry) {
    switch (entry.work()) {
      case RiWork.Read read -> completeRead(entry, read);
      case RiWork.LocalInvalidate invalidate -> {
        silicon.stags.disabled(invalidate.stag());
        completeIfWanted(entry);
      }
      default -> completeIfWanted(entry);
    }
  }

  /** Always, also when no completion was asked for, and as though of the receive queue. */
  private void completeRead(SqEntry entry, RiWork.Read read) {
    int stag = entry.isIndication() ? INDICATION_STAG : read.sinkStag();
    silicon.messages.complete(
        completions,
        Cqe.received(init.queueId(), Cqe.READ_RESP, Cqe.OK, (int) read.length(), stag, 0));
    if ((read.flags() & RiWork.READ_INVALIDATE_FLAG) != 0) {
      silicon.stags.disable(read.sinkStag());
    }
  }

  private void completeIfWanted(SqEntry entry) {
    if (entry.wantsCompletion()) {
      silicon.messages.complete(
          completions, Cqe.sent(init.queueId(), entry.opcode(), Cqe.OK, entry.work().wrid()));
    }
  }
}

package dev.offramp.models.intel;

import dev.offramp.models.DmaFaultException;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Reads a send queue, begins what it says, and tells of what is done, in order. Rung once, it reads
 * on until it finds a work request that is not there; only then has it to be rung again.
 */
final class SendSide {
  /** Begins work requests; told of what the queue finds. */
  interface Worker {
    /**
     * Begins a work request.
     *
     * @param pending gets what completes it
     * @return false when there is no room for it now
     * @throws WorkException when the device refuses it
     */
    boolean begin(WorkRequest work, PendingWork pending) throws WorkException, DmaFaultException;

    /** Whether a work request that only TCP's bytes or the peer's first FPDU complete is done. */
    boolean isDone(PendingWork.Condition condition);

    /** A work request is done; it is told of when it wants to be. */
    void done(PendingWork work);

    /** The device cannot go on. */
    void fail(int code, int source, int wqeIndex);
  }

  private final DeviceState device;
  private final QueuePair owner;
  private final SendRing ring;
  private final WorkPoster poster;
  private final Worker worker;
  private final Deque<PendingWork> pending = new ArrayDeque<>();

  private boolean rung;
  private boolean fetching;
  private boolean stopped;
  private int unreportedQuanta;

  SendSide(DeviceState device, QueuePair owner, SendRing ring, WorkPoster poster, Worker worker) {
    this.device = device;
    this.owner = owner;
    this.ring = ring;
    this.poster = poster;
    this.worker = worker;
  }

  /** The doorbell. */
  void ring() {
    rung = true;
    fetch();
  }

  /** Nothing more is read, or reading may go on. */
  void setStopped(boolean stopped) {
    this.stopped = stopped;
  }

  /** How many work requests are not done. */
  int size() {
    return pending.size();
  }

  /** Whether the device goes on reading by itself. */
  boolean isRung() {
    return rung;
  }

  /** Where the oldest that is not done began, or the next will be read. */
  int oldestIndex() {
    PendingWork oldest = pending.peekFirst();
    return oldest == null ? ring.index() : oldest.wqeIndex;
  }

  /** Reads as far as it goes. */
  void fetch() {
    if (fetching) {
      // The runner tells of bytes that a work request has just made it move.
      return;
    }
    fetching = true;
    try {
      boolean more = rung && !stopped && !device.isHalted();
      while (more) {
        if (ring.hasNext()) {
          more = fetchNext();
        } else {
          // Who writes a work request now looks at what is published, and rings if need be.
          ring.publish();
          VarHandle.fullFence();
          more = ring.hasNext();
          rung = more;
        }
      }
      if (rung) {
        ring.publish();
      }
    } catch (DmaFaultException e) {
      device.fault(e);
      worker.fail(EventCodes.QP_CATASTROPHIC, EventCodes.SOURCE_SQ, ring.index());
    } finally {
      fetching = false;
    }
  }

  /** Reads one work request and begins it; false when it has to wait, or nothing goes on. */
  private boolean fetchNext() throws DmaFaultException {
    int at = ring.index();
    int quanta = ring.nextQuanta();
    if (ring.crossesChunk(quanta)) {
      device.notebook.violation(
          Violation.Kind.WQE_CROSSES_CHUNK,
          "%s: %d quanta at index [%d], chunks have %d"
              .formatted(owner, quanta, at, device.chip.chunkQuanta()));
      worker.fail(EventCodes.WQE_INVALID_PARAMETER, EventCodes.SOURCE_SQ, at);
      return false;
    }
    WorkRequest work = ring.next(quanta);
    if (work.hasStaleFragment(device.chip)) {
      device.notebook.violation(
          Violation.Kind.STALE_FRAGMENT, "%s: index [%d], %s".formatted(owner, at, work));
      worker.fail(EventCodes.WQE_INVALID_FRAGMENT, EventCodes.SOURCE_SQ, at);
      return false;
    }
    PendingWork begun = new PendingWork(at, work);
    if (hasToWait(work) || !begin(work, begun)) {
      return false;
    }
    pending.add(begun);
    if (!ring.advance(quanta)) {
      device.notebook.violation(
          Violation.Kind.SEND_QUEUE_OVERRUN,
          "%s: the ring has %d quanta, 257 must stay free".formatted(owner, ring.quanta()));
    }
    settle();
    return !stopped;
  }

  private boolean hasToWait(WorkRequest work) {
    PendingWork oldest = pending.peekFirst();
    return (work.localFence() && oldest != null)
        || (work.readFence() && pending.stream().anyMatch(earlier -> earlier.reads))
        || (oldest != null && oldest.condition == PendingWork.Condition.FIRST_PDU);
  }

  private boolean begin(WorkRequest work, PendingWork begun) throws DmaFaultException {
    try {
      if (worker.begin(work, begun)) {
        return true;
      }
    } catch (WorkException e) {
      device.notebook.refusal("%s, index %d: %s".formatted(owner, begun.wqeIndex, e.getMessage()));
      worker.fail(e.code(), EventCodes.SOURCE_SQ, begun.wqeIndex);
    }
    poster.release(begun);
    return false;
  }

  /** The engine has completed one of the parts that were posted to it, in order. */
  void partDone() {
    for (PendingWork work : pending) {
      if (work.parts > 0) {
        work.parts--;
        return;
      }
    }
  }

  /** Tells of those at the head that are done. */
  void settle() {
    PendingWork oldest = pending.peekFirst();
    while (oldest != null && isDone(oldest)) {
      pending.removeFirst();
      poster.release(oldest);
      unreportedQuanta += oldest.quanta;
      if (oldest.signalled) {
        ring.reported(unreportedQuanta);
        unreportedQuanta = 0;
      }
      worker.done(oldest);
      oldest = pending.peekFirst();
    }
  }

  private boolean isDone(PendingWork work) {
    if (work.condition != PendingWork.Condition.NONE && worker.isDone(work.condition)) {
      work.condition = PendingWork.Condition.NONE;
    }
    return work.condition == PendingWork.Condition.NONE && work.parts == 0;
  }

  /** What is not done, or not even read, is given up. */
  Unfinished flush() {
    PendingWork first = pending.peekFirst();
    int at = oldestIndex();
    boolean any = first != null;
    try {
      while (ring.hasNext() && !ring.crossesChunk(ring.nextQuanta())) {
        any = true;
        ring.advance(ring.nextQuanta());
      }
      ring.publish();
    } catch (DmaFaultException e) {
      device.fault(e);
    }
    pending.forEach(poster::release);
    pending.clear();
    return new Unfinished(any, at, first == null ? WorkFields.OP_NOP : first.opcode);
  }

  /**
   * What a flush found.
   *
   * @param any whether there was anything
   * @param wqeIndex of the first
   * @param opcode of the first; a NOP when it was not read
   */
  record Unfinished(boolean any, int wqeIndex, int opcode) {}
}

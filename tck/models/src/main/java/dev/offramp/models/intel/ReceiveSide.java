package dev.offramp.models.intel;

import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.models.DmaFaultException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Reads a receive queue when bytes have come, so that the engine knows of every Receive by then.
 */
final class ReceiveSide {
  /** Told when the device cannot go on. */
  @FunctionalInterface
  interface Failure {
    void fail(int code, int source, int wqeIndex);
  }

  private final DeviceState device;
  private final QueuePair owner;
  private final ReceiveRing ring;
  private final WorkPoster poster;
  private final Failure failure;
  private final Deque<PendingWork> pending = new ArrayDeque<>();

  ReceiveSide(
      DeviceState device, QueuePair owner, ReceiveRing ring, WorkPoster poster, Failure failure) {
    this.device = device;
    this.owner = owner;
    this.ring = ring;
    this.poster = poster;
    this.failure = failure;
  }

  /** How many Receives there can be. */
  int entries() {
    return ring.entries();
  }

  /** Posts what the host has put into the ring. */
  void pull(RdmapStream engine) {
    try {
      boolean more = !device.isHalted();
      while (more && pending.size() < ring.entries() && ring.hasNext()) {
        WorkRequest work = ring.next();
        PendingWork receive = new PendingWork(ring.wqeIndex(), work);
        more = post(engine, work, receive);
        if (more) {
          pending.add(receive);
          ring.advance();
        }
      }
    } catch (DmaFaultException e) {
      device.fault(e);
      failure.fail(EventCodes.QP_CATASTROPHIC, EventCodes.SOURCE_RQ, ring.wqeIndex());
    }
  }

  private boolean post(RdmapStream engine, WorkRequest work, PendingWork receive)
      throws DmaFaultException {
    try {
      if (work.hasStaleFragment(device.chip)) {
        device.notebook.violation(
            Violation.Kind.STALE_FRAGMENT,
            "%s: receive queue, index [%d], %s".formatted(owner, receive.wqeIndex, work));
        throw new WorkException(EventCodes.WQE_INVALID_FRAGMENT, "stale fragment");
      }
      return poster.postReceive(engine, work, receive);
    } catch (WorkException e) {
      poster.release(receive);
      device.notebook.refusal(
          "%s, receive queue, index %d: %s".formatted(owner, receive.wqeIndex, e.getMessage()));
      failure.fail(e.code(), EventCodes.SOURCE_RQ, receive.wqeIndex);
      return false;
    }
  }

  /** The oldest has its message; null when there is none, which an engine never says. */
  @Nullable PendingWork take() {
    PendingWork oldest = pending.pollFirst();
    if (oldest != null) {
      poster.release(oldest);
    }
    return oldest;
  }

  /** What has no message is given up, read or not. */
  SendSide.Unfinished flush() {
    PendingWork first = pending.peekFirst();
    int at = first == null ? ring.wqeIndex() : first.wqeIndex;
    boolean any = first != null;
    try {
      for (int i = 0; i < ring.entries() && ring.hasNext(); i++) {
        any = true;
        ring.advance();
      }
    } catch (DmaFaultException e) {
      device.fault(e);
    }
    pending.forEach(poster::release);
    pending.clear();
    return new SendSide.Unfinished(any, at, WorkFields.OP_RECEIVE);
  }
}

package dev.offramp.models.intel;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.DmaFaultException;

/** Which asynchronous event tells of which end of a stream. */
final class StreamEndEvents {
  private final QueuePair owner;

  StreamEndEvents(QueuePair owner) {
    this.owner = owner;
  }

  /**
   * Tells of an end.
   *
   * @param told whether the host knows already why this end terminates
   */
  void ended(StreamEnd end, boolean told) {
    switch (end) {
      case StreamEnd.ClosedLocally closed -> {
        // The event comes when TCP is closed in both directions.
      }
      case StreamEnd.ClosedByPeer closed -> owner.peerClosed();
      case StreamEnd.TruncatedByPeer truncated -> owner.halfClosed(EventCodes.ROE_BAD_LLP_CLOSE);
      case StreamEnd.TerminatedByPeer terminated ->
          owner.raise(
              EventCodes.TERMINATE_RECEIVED,
              EventCodes.SOURCE_NONE,
              0,
              writeQ2(terminated.terminate(), true));
      case StreamEnd.TerminatedLocally terminated -> {
        if (!told) {
          foundError(terminated.terminate());
        }
      }
      case StreamEnd.Reset reset -> owner.lost(EventCodes.CONNECTION_RESET);
      case StreamEnd.TimedOut timedOut -> owner.lost(EventCodes.TOO_MANY_RETRIES);
      case StreamEnd.Migrated elsewhere ->
          throw new IllegalStateException("a device's own stream ends as " + elsewhere);
      case StreamEnd.Failed why -> {
        owner.device().notebook.refusal(owner + ": " + why.reason());
        owner.lost(EventCodes.QP_CATASTROPHIC);
      }
    }
  }

  private void foundError(Terminate why) {
    int code =
        TerminateCause.of(why.layer(), why.type(), why.code())
            .map(EventCodes::of)
            .orElse(EventCodes.QP_CATASTROPHIC);
    owner.raise(code, EventCodes.SOURCE_INCOMING, 0, writeQ2(why, false));
  }

  /** 1 when the Q2 buffer holds the segment in question. */
  private int writeQ2(Terminate terminate, boolean received) {
    try {
      return TerminateBuffer.write(owner.device().dma, owner.context(), terminate, received)
          ? 1
          : 0;
    } catch (DmaFaultException e) {
      owner.device().fault(e);
      return 0;
    }
  }
}

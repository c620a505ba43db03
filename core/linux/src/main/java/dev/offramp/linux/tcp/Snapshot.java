package dev.offramp.linux.tcp;

import dev.offramp.api.descriptor.Octets;
import java.io.IOException;

/**
 * All of a frozen socket that only repair mode shows, read so that it is consistent or not at all.
 *
 * @param numbers where the queues are
 * @param info TCP_INFO of the same instant
 * @param window the windows
 * @param mssClampBytes the peer's MSS option; what TCP_MAXSEG gives in repair
 * @param timestamp the socket's timestamp clock
 * @param unread the receive queue
 * @param queued the send queue: unacknowledged, then unsent
 */
record Snapshot(
    SequenceNumbers numbers,
    TcpInfo info,
    RepairWindow window,
    int mssClampBytes,
    long timestamp,
    Octets unread,
    Octets queued) {
  /** A segment can be past the filter already when the fence goes up; it is soon through. */
  private static final int MAX_ATTEMPTS = 4;

  /**
   * Reads a socket that is fenced and in repair.
   *
   * @throws InconsistentSnapshotException when it keeps changing
   */
  static Snapshot of(OsSocket socket, RepairSession repair) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        return once(socket, repair);
      } catch (InconsistentSnapshotException e) {
        if (attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  /**
   * Leaves the send queue selected. Repair does not stop the kernel's timers, and a loss probe or a
   * pacing timer sends bytes that were never sent before (seen with BBR): the peer would then have
   * more than the snapshot says was sent, and drop all that a new owner says. With the send queue
   * selected such bytes count as sent and stay here, for retransmission to recover.
   */
  private static Snapshot once(OsSocket socket, RepairSession repair) throws IOException {
    repair.select(RepairSession.Queue.RECEIVE);
    long rcvNxt = repair.sequence();
    int unreadBytes = socket.unreadBytes();
    Octets unread = QueueReader.receiveQueue(socket, unreadBytes);
    repair.select(RepairSession.Queue.SEND);
    SequenceNumbers before = SequenceNumbers.of(rcvNxt, unreadBytes, socket, repair);
    Octets queued = QueueReader.sendQueue(socket, before.queuedBytes());
    RepairWindow window = RepairWindow.of(socket);
    int mssClamp = socket.getInt(Opt.TCP_MAXSEG);
    long timestamp = Integer.toUnsignedLong(socket.getInt(Opt.TCP_TIMESTAMP));
    TcpInfo info = TcpInfo.of(socket);
    // What comes in shows in the length of its queue, and in the windows.
    SequenceNumbers after = SequenceNumbers.of(rcvNxt, socket.unreadBytes(), socket, repair);
    RepairWindow windowAfter = RepairWindow.of(socket);
    if (!before.equals(after) || !window.equals(windowAfter)) {
      throw new InconsistentSnapshotException(
          before + ", " + window + " became " + after + ", " + windowAfter);
    }
    return new Snapshot(before, info, window, mssClamp, timestamp, unread, queued);
  }

  /** With the window that the peer offers in truth: the frozen socket's is closed. */
  Snapshot withSndWnd(long sndWnd) {
    return new Snapshot(
        numbers, info, window.withSndWnd(sndWnd), mssClampBytes, timestamp, unread, queued);
  }

  Octets unacknowledged() {
    return part(0, numbers.unacknowledgedBytes());
  }

  Octets unsent() {
    return part(numbers.unacknowledgedBytes(), numbers.unsentBytes());
  }

  /** The peer is waiting while this runs: what is all of the queue is not copied again. */
  private Octets part(int offset, int length) {
    return length == queued.length()
        ? queued
        : Octets.copyOf(queued.asByteBuffer().slice(offset, length));
  }
}

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

  private static Snapshot once(OsSocket socket, RepairSession repair) throws IOException {
    SequenceNumbers before = SequenceNumbers.of(socket, repair);
    Octets unread = QueueReader.receiveQueue(socket, repair, before.unreadBytes());
    Octets queued = QueueReader.sendQueue(socket, repair, before.queuedBytes());
    RepairWindow window = RepairWindow.of(socket);
    int mssClamp = socket.getInt(Opt.TCP_MAXSEG);
    long timestamp = Integer.toUnsignedLong(socket.getInt(Opt.TCP_TIMESTAMP));
    TcpInfo info = TcpInfo.of(socket);
    SequenceNumbers after = SequenceNumbers.of(socket, repair);
    if (!before.equals(after)) {
      throw new InconsistentSnapshotException(before + " became " + after);
    }
    return new Snapshot(before, info, window, mssClamp, timestamp, unread, queued);
  }

  /** With the window that the peer offers in truth: the frozen socket's is closed. */
  Snapshot withSndWnd(long sndWnd) {
    return new Snapshot(
        numbers, info, window.withSndWnd(sndWnd), mssClampBytes, timestamp, unread, queued);
  }

  Octets unacknowledged() {
    return Octets.copyOf(queued.asByteBuffer().slice(0, numbers.unacknowledgedBytes()));
  }

  Octets unsent() {
    return Octets.copyOf(
        queued.asByteBuffer().slice(numbers.unacknowledgedBytes(), numbers.unsentBytes()));
  }
}

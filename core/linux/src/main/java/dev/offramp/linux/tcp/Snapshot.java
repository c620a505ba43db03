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
 * @param timestamp the socket's timestamp clock; 0 without the timestamp option
 * @param unread the receive queue
 * @param unacknowledged the send queue's bytes that were sent
 * @param unsent those behind them
 */
record Snapshot(
    SequenceNumbers numbers,
    TcpInfo info,
    RepairWindow window,
    int mssClampBytes,
    long timestamp,
    Octets unread,
    Octets unacknowledged,
    Octets unsent) {
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
   * Between the two looks at TCP_INFO no byte came in, was acknowledged or written; that nothing
   * was read, either, is seen by the length of the receive queue.
   */
  private static Snapshot once(OsSocket socket, RepairSession repair) throws IOException {
    TcpInfo first = TcpInfo.of(socket);
    SequenceNumbers numbers = SequenceNumbers.of(socket, repair, first.notSentBytes());
    Octets unread = QueueReader.receiveQueue(socket, repair, numbers.unreadBytes());
    QueueReader.SendQueue queued = QueueReader.sendQueue(socket, repair, numbers);
    RepairWindow window = RepairWindow.of(socket);
    int mssClamp = socket.getInt(Opt.TCP_MAXSEG);
    long timestamp =
        first.timestamps() ? Integer.toUnsignedLong(socket.getInt(Opt.TCP_TIMESTAMP)) : 0;
    TcpInfo info = TcpInfo.of(socket);
    requireUnchanged(socket, repair, numbers, first, info);
    return new Snapshot(
        numbers,
        info,
        window,
        mssClamp,
        timestamp,
        unread,
        queued.unacknowledged(),
        queued.unsent());
  }

  private static void requireUnchanged(
      OsSocket socket, RepairSession repair, SequenceNumbers numbers, TcpInfo first, TcpInfo last)
      throws IOException {
    boolean same =
        last.countsBytes()
            ? last.sameBytesAs(first) && socket.unreadBytes() == numbers.unreadBytes()
            : numbers.equals(SequenceNumbers.of(socket, repair, TcpInfo.ABSENT));
    if (!same) {
      throw new InconsistentSnapshotException(
          numbers + " has changed while it was being read; is another thread using the socket?");
    }
  }

  /** With the window that the peer offers in truth: the frozen socket's is closed. */
  Snapshot withSndWnd(long sndWnd) {
    return new Snapshot(
        numbers,
        info,
        window.withSndWnd(sndWnd),
        mssClampBytes,
        timestamp,
        unread,
        unacknowledged,
        unsent);
  }
}

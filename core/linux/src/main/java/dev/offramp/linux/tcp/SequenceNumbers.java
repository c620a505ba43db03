package dev.offramp.linux.tcp;

import java.io.IOException;

/**
 * The numbers that place both queues in sequence space, of one socket in repair.
 *
 * @param rcvNxt next sequence number expected
 * @param writeSeq end of all that the application has written
 * @param unreadBytes length of the receive queue, which ends at rcvNxt
 * @param queuedBytes length of the send queue, which ends at writeSeq
 * @param unsentBytes how much of its end was never sent
 */
record SequenceNumbers(
    long rcvNxt, long writeSeq, int unreadBytes, int queuedBytes, int unsentBytes) {
  private static final long MASK = 0xFFFF_FFFFL;

  /**
   * Reads them; afterwards no queue is selected.
   *
   * @param unsentBytes from TCP_INFO, or {@link TcpInfo#ABSENT} to ask
   */
  static SequenceNumbers of(OsSocket socket, RepairSession repair, long unsentBytes)
      throws IOException {
    repair.select(RepairSession.Queue.RECEIVE);
    long rcvNxt = repair.sequence();
    repair.select(RepairSession.Queue.SEND);
    long writeSeq = repair.sequence();
    repair.deselect();
    int unread = socket.unreadBytes();
    int queued = socket.queuedBytes();
    int unsent = unsentBytes == TcpInfo.ABSENT ? socket.unsentBytes() : (int) unsentBytes;
    if (unsent > queued) {
      throw new InconsistentSnapshotException(
          unsent + " unsent bytes of " + queued + " in the send queue; it changes meanwhile");
    }
    return new SequenceNumbers(rcvNxt, writeSeq, unread, queued, unsent);
  }

  long sndUna() {
    return writeSeq - queuedBytes & MASK;
  }

  long sndNxt() {
    return writeSeq - unsentBytes & MASK;
  }

  /** Never negative: {@link #of} has seen to it. */
  int unacknowledgedBytes() {
    return queuedBytes - unsentBytes;
  }
}

package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.LinuxException;

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

  /** Reads them; afterwards no queue is selected. */
  static SequenceNumbers of(OsSocket socket, RepairSession repair) throws LinuxException {
    repair.select(RepairSession.Queue.RECEIVE);
    long rcvNxt = repair.sequence();
    int unread = socket.unreadBytes();
    repair.select(RepairSession.Queue.SEND);
    long writeSeq = repair.sequence();
    repair.deselect();
    return new SequenceNumbers(
        rcvNxt, writeSeq, unread, socket.queuedBytes(), socket.unsentBytes());
  }

  long sndUna() {
    return writeSeq - queuedBytes & MASK;
  }

  long sndNxt() {
    return writeSeq - unsentBytes & MASK;
  }

  int unacknowledgedBytes() {
    return queuedBytes - unsentBytes;
  }
}

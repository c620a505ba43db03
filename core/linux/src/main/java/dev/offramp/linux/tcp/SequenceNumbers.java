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

  /** Reads those of the send queue, which must be selected. */
  static SequenceNumbers of(long rcvNxt, int unreadBytes, OsSocket socket, RepairSession repair)
      throws LinuxException {
    return new SequenceNumbers(
        rcvNxt, repair.sequence(), unreadBytes, socket.queuedBytes(), socket.unsentBytes());
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

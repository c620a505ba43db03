package dev.offramp.linux.tcp;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;

/** Copies the queues of a socket in repair without taking anything out of them. */
final class QueueReader {
  // include/linux/socket.h
  private static final int MSG_PEEK = 2;
  private static final int MSG_DONTWAIT = 0x40;

  /** More than any one segment buffer (GSO_LEGACY_MAX_SIZE), and the second try after that. */
  private static final int[] SLACK_BYTES = {1 << 17, 1 << 20};

  private QueueReader() {}

  /** The two parts of a send queue. */
  record SendQueue(Octets unacknowledged, Octets unsent) {
    private static final SendQueue EMPTY = new SendQueue(Octets.empty(), Octets.empty());
  }

  /** The receive queue, which must have exactly {@code bytes} bytes. */
  static Octets receiveQueue(OsSocket socket, RepairSession repair, int bytes) throws IOException {
    if (bytes == 0) {
      return Octets.empty();
    }
    repair.select(RepairSession.Queue.RECEIVE);
    // One byte more than there is, so that a longer queue cannot go unnoticed.
    try (QueueBuffer buffer = QueueBuffer.of(socket.libc(), bytes + 1L)) {
      long read = peek(socket, buffer.bytes());
      if (read != bytes) {
        throw new InconsistentSnapshotException(
            "SIOCINQ said " + bytes + " unread bytes, peeking found " + read);
      }
      return octets(buffer.bytes(), 0, bytes);
    } finally {
      repair.deselect();
    }
  }

  /**
   * The last bytes of the send queue. The kernel hands out whole segment buffers, and the peer may
   * have acknowledged a part of the first one: what is before snd_una is cut off.
   */
  static SendQueue sendQueue(OsSocket socket, RepairSession repair, SequenceNumbers numbers)
      throws IOException {
    if (numbers.queuedBytes() == 0) {
      return SendQueue.EMPTY;
    }
    repair.select(RepairSession.Queue.SEND);
    try {
      return sendQueue(socket, numbers, SLACK_BYTES[0]);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EFAULT) {
        throw e;
      }
      return sendQueue(socket, numbers, SLACK_BYTES[1]);
    } finally {
      repair.deselect();
    }
  }

  private static SendQueue sendQueue(OsSocket socket, SequenceNumbers numbers, int slackBytes)
      throws IOException {
    int bytes = numbers.queuedBytes();
    try (QueueBuffer buffer = QueueBuffer.of(socket.libc(), (long) bytes + slackBytes)) {
      long read = peek(socket, buffer.bytes());
      if (read < bytes) {
        throw new InconsistentSnapshotException(
            "SIOCOUTQ said " + bytes + " queued bytes, peeking found " + read);
      }
      int unacknowledged = numbers.unacknowledgedBytes();
      long from = read - bytes;
      return new SendQueue(
          octets(buffer.bytes(), from, unacknowledged),
          octets(buffer.bytes(), from + unacknowledged, numbers.unsentBytes()));
    }
  }

  private static Octets octets(MemorySegment from, long offset, int bytes) {
    return Octets.copyOf(from.asSlice(offset, bytes).asByteBuffer());
  }

  private static long peek(OsSocket socket, MemorySegment buffer) throws LinuxException {
    long read = socket.libc().recv(socket.fd(), buffer, buffer.byteSize(), MSG_PEEK | MSG_DONTWAIT);
    return LinuxException.check(read, "recv(MSG_PEEK)");
  }
}

package dev.offramp.linux.tcp;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Copies the queues of a socket in repair without taking anything out of them. */
final class QueueReader {
  // include/linux/socket.h
  private static final int MSG_PEEK = 2;
  private static final int MSG_DONTWAIT = 0x40;

  /** More than any one segment buffer (GSO_LEGACY_MAX_SIZE), and the second try after that. */
  private static final int[] SLACK_BYTES = {1 << 17, 1 << 20};

  private QueueReader() {}

  /** The receive queue, which must have exactly {@code bytes} bytes. */
  static Octets receiveQueue(OsSocket socket, RepairSession repair, int bytes) throws IOException {
    if (bytes == 0) {
      return Octets.empty();
    }
    repair.select(RepairSession.Queue.RECEIVE);
    try (Arena arena = Arena.ofConfined()) {
      // One byte more than there is, so that a longer queue cannot go unnoticed.
      MemorySegment buffer = arena.allocate(bytes + 1L);
      long read = peek(socket, buffer);
      if (read != bytes) {
        throw new InconsistentSnapshotException(
            "SIOCINQ said " + bytes + " unread bytes, peeking found " + read);
      }
      return Octets.copyOf(buffer.asSlice(0, bytes).asByteBuffer());
    } finally {
      repair.deselect();
    }
  }

  /**
   * The last {@code bytes} bytes of the send queue. The kernel hands out whole segment buffers, and
   * the peer may have acknowledged a part of the first one: what is before snd_una is cut off.
   */
  static Octets sendQueue(OsSocket socket, RepairSession repair, int bytes) throws IOException {
    if (bytes == 0) {
      return Octets.empty();
    }
    repair.select(RepairSession.Queue.SEND);
    try {
      return sendQueue(socket, bytes, SLACK_BYTES[0]);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EFAULT) {
        throw e;
      }
      return sendQueue(socket, bytes, SLACK_BYTES[1]);
    } finally {
      repair.deselect();
    }
  }

  private static Octets sendQueue(OsSocket socket, int bytes, int slackBytes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate((long) bytes + slackBytes);
      long read = peek(socket, buffer);
      if (read < bytes) {
        throw new InconsistentSnapshotException(
            "SIOCOUTQ said " + bytes + " queued bytes, peeking found " + read);
      }
      return Octets.copyOf(buffer.asSlice(read - bytes, bytes).asByteBuffer());
    }
  }

  private static long peek(OsSocket socket, MemorySegment buffer) throws LinuxException {
    long read = socket.libc().recv(socket.fd(), buffer, buffer.byteSize(), MSG_PEEK | MSG_DONTWAIT);
    return LinuxException.check(read, "recv(MSG_PEEK)");
  }
}

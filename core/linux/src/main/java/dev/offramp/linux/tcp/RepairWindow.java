package dev.offramp.linux.tcp;

import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * {@code struct tcp_repair_window} (include/uapi/linux/tcp.h); unsigned 32-bit numbers.
 *
 * <p>Linux 6.18 takes exactly 20 bytes; a longer structure was proposed in 2026. So its length is
 * found out, never assumed: what lies beyond the five known words is written back as it was read.
 *
 * @param sndWl1 segment sequence number of the last window update
 * @param sndWnd window that the peer offers, bytes
 * @param maxWindow largest window that it has offered
 * @param rcvWnd window last advertised, bytes
 * @param rcvWup rcv_nxt at that time
 */
public record RepairWindow(long sndWl1, long sndWnd, long maxWindow, long rcvWnd, long rcvWup) {
  private static final int KNOWN_BYTES = 20;
  private static final int MAX_BYTES = 64;

  /** What this kernel has been found to take last; 0 before the first look. */
  private static volatile int lengthBytes;

  /** Reads it; the socket must be in repair. */
  public static RepairWindow of(OsSocket socket) throws LinuxException {
    probe(socket);
    return new RepairWindow(u32(0), u32(1), u32(2), u32(3), u32(4));
  }

  /** Writes it; the socket must be in repair, and its queues filled before. */
  public void writeTo(OsSocket socket) throws LinuxException {
    // With no word beyond the known five there is nothing to preserve.
    int bytes = lengthBytes == KNOWN_BYTES ? KNOWN_BYTES : probe(socket);
    MemorySegment words = Scratch.own().value(bytes);
    words.setAtIndex(ValueLayout.JAVA_INT, 0, (int) sndWl1);
    words.setAtIndex(ValueLayout.JAVA_INT, 1, (int) sndWnd);
    words.setAtIndex(ValueLayout.JAVA_INT, 2, (int) maxWindow);
    words.setAtIndex(ValueLayout.JAVA_INT, 3, (int) rcvWnd);
    words.setAtIndex(ValueLayout.JAVA_INT, 4, (int) rcvWup);
    socket.set(Opt.TCP_REPAIR_WINDOW, words);
  }

  /** The same with another window of the peer's. */
  RepairWindow withSndWnd(long newSndWnd) {
    return new RepairWindow(sndWl1, newSndWnd, Math.max(newSndWnd, maxWindow), rcvWnd, rcvWup);
  }

  /** Reads it into the thread's scratch memory; returns how long it is. */
  private static int probe(OsSocket socket) throws LinuxException {
    int known = lengthBytes;
    int written = known == 0 ? -Errno.EINVAL : socket.probe(Opt.TCP_REPAIR_WINDOW, known);
    int offered = known;
    // EINVAL: this kernel's structure has another length.
    for (int bytes = KNOWN_BYTES;
        written == -Errno.EINVAL && bytes <= MAX_BYTES;
        bytes += Integer.BYTES) {
      offered = bytes;
      written = socket.probe(Opt.TCP_REPAIR_WINDOW, bytes);
    }
    if (written < KNOWN_BYTES) {
      throw new LinuxException(
          "getsockopt(TCP_REPAIR_WINDOW)", written < 0 ? -written : Errno.EINVAL);
    }
    lengthBytes = offered;
    return Math.min(written, offered);
  }

  private static long u32(int index) {
    return Integer.toUnsignedLong(OsSocket.probedWord(index));
  }
}

package dev.offramp.linux;

import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.InputTrim;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.RepairSession;
import dev.offramp.linux.tcp.SocketFilter;
import java.io.IOException;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * Where a connection's input ends for now: TCP takes nothing beyond one octet of the stream, and
 * the peer sees loss, and repeats. Output, and what the peer acknowledges, goes on.
 *
 * <p>For owners whose connection has to rest between two messages before it can leave. For one
 * thread at a time.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class InputLimit implements AutoCloseable {
  private static final long MASK = 0xFFFF_FFFFL;

  private final OsSocket socket;
  private final SocketFilter before;
  private boolean closed;

  private InputLimit(OsSocket socket, SocketFilter before) {
    this.socket = socket;
    this.before = before;
  }

  /**
   * Ends input so many bytes behind what has been read; null when TCP has more already.
   *
   * @throws IOException when the kernel refuses; nothing has changed
   */
  static @Nullable InputLimit at(OsSocket socket, int furtherBytes) throws IOException {
    SocketFilter before = SocketFilter.attachedTo(socket);
    SocketFilter.dropAll().attachTo(socket);
    boolean limited = false;
    try {
      long end = endOfInput(socket);
      int unread = socket.unreadBytes();
      if (unread > furtherBytes) {
        return null;
      }
      InputTrim.at(end + furtherBytes - unread & MASK).attachTo(socket);
      limited = true;
      return new InputLimit(socket, before);
    } finally {
      if (!limited) {
        before.attachTo(socket);
      }
    }
  }

  /** The next sequence number that is expected: only repair shows it. */
  private static long endOfInput(OsSocket socket) throws LinuxException {
    int reuse = socket.getInt(Opt.SO_REUSEADDR);
    RepairSession repair = RepairSession.begin(socket);
    try {
      repair.select(RepairSession.Queue.RECEIVE);
      return repair.sequence();
    } finally {
      repair.deselect();
      repair.endSilently();
      socket.setInt(Opt.SO_REUSEADDR, reuse == 0 ? 0 : 1);
    }
  }

  /**
   * Takes all input again. Idempotent; a connection that is gone needs none.
   *
   * @throws IOException when the kernel refuses; the limit stands
   */
  @Override
  public void close() throws IOException {
    if (!closed) {
      before.attachTo(socket);
      closed = true;
    }
  }
}

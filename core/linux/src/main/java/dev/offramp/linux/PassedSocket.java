package dev.offramp.linux;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.tcp.OsSocket;
import org.apiguardian.api.API;

/**
 * A descriptor that has come from another process and is this one's now, whatever it refers to:
 * {@link SocketPassing#adopt} looks. For one thread at a time; whoever has it closes it.
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public final class PassedSocket implements AutoCloseable {
  private final OsSocket socket;
  private boolean closed;

  PassedSocket(LibC libc, int fd) {
    this.socket = new OsSocket(libc, fd);
  }

  OsSocket socket() {
    if (closed) {
      throw new IllegalStateException("closed");
    }
    return socket;
  }

  /** Gives the descriptor back; the connection goes on where another one is. Idempotent. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      socket.libc().close(socket.fd());
    }
  }
}

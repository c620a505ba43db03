package dev.offramp.linux;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.Fence;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.FrozenSocket;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.SocketFilter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is being stopped, held by a descriptor of its own: a duplicate that nobody else can
 * close, so that its number cannot come to mean another file. For one thread at a time.
 */
final class StoppedSocket {
  // include/uapi/linux/fcntl.h
  private static final int F_DUPFD_CLOEXEC = 1030;

  private final OsSocket socket;
  private @Nullable FrozenSocket frozen;
  private boolean open = true;

  private StoppedSocket(OsSocket socket) {
    this.socket = socket;
  }

  /**
   * Takes a descriptor of its own; null when what it was to duplicate has become another file.
   *
   * @param known the socket that is meant
   * @throws IOException when it cannot
   */
  static @Nullable StoppedSocket hold(FileDescriptors.Known known) throws IOException {
    LibC libc = known.socket().libc();
    long fd = libc.fcntl(known.socket().fd(), F_DUPFD_CLOEXEC, 0);
    if (fd == -Errno.EBADF) {
      return null;
    }
    LinuxException.check(fd, "fcntl(F_DUPFD_CLOEXEC)");
    StoppedSocket held = new StoppedSocket(new OsSocket(libc, (int) fd));
    if (held.socket.hasCookie(known.cookie())) {
      return held;
    }
    held.letGo();
    return null;
  }

  OsSocket socket() {
    return socket;
  }

  /** Drops all input from here on; {@code filterBefore} is what is attached now. */
  void fence(Fence fence, SocketFilter filterBefore) throws LinuxException {
    frozen = FrozenSocket.fence(socket, filterBefore, fence);
  }

  void freeze() throws LinuxException {
    frozen().freeze();
  }

  /** Reads what only a frozen socket shows; returns its TCP state. */
  TcpState describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    return frozen().describe(to).state();
  }

  private FrozenSocket frozen() {
    FrozenSocket known = frozen;
    if (known == null) {
      throw new IllegalStateException("not fenced");
    }
    return known;
  }

  /** Undoes what was done so far, and lets the descriptor go when nothing is left to undo. */
  void resume() throws LinuxException {
    FrozenSocket known = frozen;
    try {
      if (known != null) {
        known.thaw();
      }
    } finally {
      if (!isStopped()) {
        letGo();
      }
    }
  }

  /** Whether input or output is still stopped. */
  boolean isStopped() {
    FrozenSocket known = frozen;
    return known != null && known.isStopped();
  }

  /** Ends the connection here without a segment. Cannot fail: closing in repair does the same. */
  void destroy() {
    try {
      frozen().destroy();
    } catch (LinuxException e) {
      // Closing the last descriptor while in repair is silent, too; the channel's is closed next.
    } finally {
      letGo();
    }
  }

  /** Closes its own descriptor, so that closing the channel is what ends the socket. */
  void letGo() {
    if (open) {
      open = false;
      socket.libc().close(socket.fd());
    }
  }
}

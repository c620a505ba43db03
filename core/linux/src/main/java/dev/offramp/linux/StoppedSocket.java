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
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A socket that is being stopped, held by a descriptor of its own: a duplicate that nobody else can
 * close, so that its number cannot come to mean another file. For one thread at a time.
 */
final class StoppedSocket {
  // include/uapi/linux/fcntl.h
  private static final int F_DUPFD_CLOEXEC = 1030;

  private final long cookie;
  private OsSocket socket;
  private @Nullable FrozenSocket frozen;
  private boolean open = true;

  private StoppedSocket(OsSocket socket, long cookie) {
    this.socket = socket;
    this.cookie = cookie;
  }

  /**
   * Takes a descriptor of its own; null when what it was to duplicate has become another file.
   *
   * @param known the socket that is meant
   * @throws IOException when it cannot
   */
  static @Nullable StoppedSocket hold(FileDescriptors.Known known) throws IOException {
    OsSocket own = duplicate(known);
    return own == null ? null : new StoppedSocket(own, known.cookie());
  }

  private static @Nullable OsSocket duplicate(FileDescriptors.Known known) throws IOException {
    LibC libc = known.socket().libc();
    long fd = libc.fcntl(known.socket().fd(), F_DUPFD_CLOEXEC, 0);
    if (fd == -Errno.EBADF) {
      return null;
    }
    LinuxException.check(fd, "fcntl(F_DUPFD_CLOEXEC)");
    OsSocket own = new OsSocket(libc, (int) fd);
    if (own.hasCookie(known.cookie())) {
      return own;
    }
    libc.close((int) fd);
    return null;
  }

  OsSocket socket() {
    return socket;
  }

  /** Enters repair; {@code filterBefore} is what is attached now. */
  void freeze(Fence fence, SocketFilter filterBefore) throws LinuxException {
    frozen = FrozenSocket.freeze(socket, filterBefore, fence);
  }

  /** Drops all input from here on. */
  void fence() throws LinuxException {
    frozen().fence();
  }

  /** Reads what only a frozen socket shows; returns its TCP state. */
  TcpState describe(IwarpConnectionDescriptor.Builder to) throws IOException {
    return frozen().describe(to).state();
  }

  private FrozenSocket frozen() {
    FrozenSocket known = frozen;
    if (known == null) {
      throw new IllegalStateException("not in repair");
    }
    return known;
  }

  /**
   * Undoes what was done so far, and lets the descriptor go, also when something is left to undo:
   * closing the channel is to end the socket then. To be called again takes one anew.
   *
   * @param channel the connection's
   * @throws IOException when the kernel refuses, or the channel is another connection's by now
   */
  void resume(FileDescriptors descriptors, SocketChannel channel) throws IOException {
    FrozenSocket known = frozen;
    try {
      if (known != null) {
        if (!open) {
          holdAgain(descriptors, channel, known);
        }
        known.thaw();
      }
    } finally {
      letGo();
    }
  }

  private void holdAgain(FileDescriptors descriptors, SocketChannel channel, FrozenSocket known)
      throws IOException {
    descriptors.of(channel);
    FileDescriptors.Known found = descriptors.lastKnown(channel);
    OsSocket own = found.cookie() == cookie ? duplicate(found) : null;
    if (own == null) {
      throw new IOException("the channel was closed, or is another connection's, meanwhile");
    }
    socket = own;
    open = true;
    known.heldBy(own);
  }

  /** Whether input or output is still stopped. */
  boolean isStopped() {
    FrozenSocket known = frozen;
    return known != null && known.isStopped();
  }

  /** Ends the connection here without a segment. Cannot fail: closing in repair does the same. */
  void destroy() {
    try {
      if (open) {
        frozen().destroy();
      }
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

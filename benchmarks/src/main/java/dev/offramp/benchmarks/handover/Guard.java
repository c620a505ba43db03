package dev.offramp.benchmarks.handover;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.RepairSession;
import dev.offramp.linux.tcp.SocketFilter;
import java.net.InetSocketAddress;

/**
 * Answers for a connection while nobody has it. A move within one namespace must release the old
 * socket before the new one can be connected; a segment that the peer repeats just then (its timer
 * is at least 200 ms, and a loaded machine can take the processor away for longer) would be
 * answered by the host with RST. A listener on the local address is asked first, and this one drops
 * all that comes. Between two owners in different places there is no such gap.
 */
final class Guard implements AutoCloseable {
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;

  private final OsSocket socket;

  private Guard(OsSocket socket) {
    this.socket = socket;
  }

  /**
   * Puts it up next to a connection.
   *
   * @param family AF_INET or AF_INET6
   */
  static Guard of(LibC libc, InetSocketAddress local, int family) throws LinuxException {
    long fd = LinuxException.check(libc.socket(family, SOCK_STREAM_CLOEXEC, 0), "socket");
    Guard guard = new Guard(new OsSocket(libc, (int) fd));
    try {
      SocketFilter.dropAll().attachTo(guard.socket);
      // Repair lets a socket bind to a port that is in use; a listener cannot leave it any more.
      RepairSession.begin(guard.socket);
      guard.socket.bind(local, family);
      LinuxException.check(libc.listen((int) fd, 1), "listen");
      return guard;
    } catch (LinuxException e) {
      guard.close();
      throw e;
    }
  }

  @Override
  public void close() {
    socket.libc().close(socket.fd());
  }
}

package dev.offramp.linux.helper;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the helper does, and for whom. Everything is asked of the kernel about the very descriptor
 * that was passed; nothing that the client says of itself is believed.
 */
final class HelperPolicy {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IPPROTO_TCP = 6;
  private static final Opt SO_ACCEPTCONN = new Opt(1, 30, "SO_ACCEPTCONN");

  /** Off without a window probe, off, on: include/uapi/linux/tcp.h, TCP_REPAIR_OFF_NO_WP. */
  private static final List<Integer> REPAIR_VALUES = List.of(-1, 0, 1);

  /** As much as the largest queue that is put in; beyond, memory could be used up. */
  static final int MAX_BUFFER_BYTES = 64 << 20;

  private final LibC libc;

  /** SO_NETNS_COOKIE of the helper's own namespace; 0 before Linux 5.14. */
  private final long namespace;

  HelperPolicy(LibC libc, long namespace) {
    this.libc = libc;
    this.namespace = namespace;
  }

  /** The first reason against it, if there is one. */
  Optional<HelperRefusal> check(HelperRequest request, int fd, int uid) {
    OsSocket socket = new OsSocket(libc, fd);
    int domain = probe(socket, Opt.SO_DOMAIN);
    if ((domain != AF_INET && domain != AF_INET6)
        || probe(socket, Opt.SO_PROTOCOL) != IPPROTO_TCP) {
      return Optional.of(HelperRefusal.NOT_TCP);
    }
    if (owner(fd) != uid) {
      return Optional.of(HelperRefusal.OWNER);
    }
    if (namespaceOf(socket) != namespace) {
      return Optional.of(HelperRefusal.NAMESPACE);
    }
    if (probe(socket, SO_ACCEPTCONN) != 0) {
      return Optional.of(HelperRefusal.LISTENING);
    }
    return option(request);
  }

  private static Optional<HelperRefusal> option(HelperRequest request) {
    if (is(request, Opt.TCP_REPAIR)) {
      return REPAIR_VALUES.contains(request.value())
          ? Optional.empty()
          : Optional.of(HelperRefusal.VALUE);
    }
    if (is(request, Opt.SO_SNDBUFFORCE) || is(request, Opt.SO_RCVBUFFORCE)) {
      return request.value() >= 0 && request.value() <= MAX_BUFFER_BYTES
          ? Optional.empty()
          : Optional.of(HelperRefusal.VALUE);
    }
    if (is(request, Opt.SO_ATTACH_FILTER) || is(request, Opt.SO_DETACH_FILTER)) {
      return request.value() == 0 ? Optional.empty() : Optional.of(HelperRefusal.VALUE);
    }
    return Optional.of(HelperRefusal.OPTION);
  }

  static boolean is(HelperRequest request, Opt option) {
    return request.level() == option.level() && request.option() == option.number();
  }

  /** Negative when it is no socket, or of a kind that has none. */
  private static int probe(OsSocket socket, Opt option) {
    return socket.probe(option, Integer.BYTES) == Integer.BYTES ? OsSocket.probedWord(0) : -1;
  }

  static long namespaceOf(OsSocket socket) {
    return socket.probe(Opt.SO_NETNS_COOKIE, Long.BYTES) == Long.BYTES ? OsSocket.probedLong() : 0;
  }

  /** The user who made the socket: its inode's (net/socket.c, sock_alloc). */
  private static int owner(int fd) {
    try {
      return (int) Files.getAttribute(Path.of("/proc/self/fd", Integer.toString(fd)), "unix:uid");
    } catch (IOException e) {
      return -1;
    }
  }
}

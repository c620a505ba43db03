package dev.offramp.linux;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.RepairSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Finds out on a socket of its own whether this process may use TCP_REPAIR in its namespace, and
 * whether another socket is of the same namespace. Reading capabilities would not tell: what counts
 * is CAP_NET_ADMIN in the user namespace that owns the network namespace.
 */
final class PrivilegeProbe {
  // include/linux/net.h
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_CLOEXEC = 0x80000;

  /** Cookies count from 1; 0 stands for a kernel that has none. */
  private static final long UNKNOWN = 0;

  /**
   * Namespaces in which repair was possible. In that of the calling thread it can be known only by
   * thread, and not on virtual ones, whose carriers may be in different namespaces. Of others, the
   * runner answers for its being the same one each time.
   */
  private final ThreadLocal<@Nullable Long> usableHere = new ThreadLocal<>();

  private final AtomicLong usableThere = new AtomicLong(UNKNOWN);
  private final LibC libc;
  private final NamespaceRunner namespace;
  private final @Nullable Path helper;

  PrivilegeProbe(LibC libc, NamespaceRunner namespace, @Nullable Path helper) {
    this.libc = libc;
    this.namespace = namespace;
    this.helper = helper;
  }

  /** The refusal for {@code socket}, if there is one. */
  Optional<Refusal> check(OsSocket socket) throws IOException {
    return onOwnSocket(own -> {
      Optional<Refusal> foreign = foreign(own, socket);
      return foreign.isPresent() ? foreign : repair(own);
    });
  }

  /** The refusal for a socket of another network namespace. Takes no privilege. */
  Optional<Refusal> foreign(OsSocket socket) throws IOException {
    return onOwnSocket(own -> foreign(own, socket));
  }

  /**
   * The same from memory, when it was in order before for a socket of that namespace. A privilege
   * that was lost since is noticed by the freeze, which the kernel then refuses.
   *
   * @param cookie of the socket's namespace: {@link #namespaceCookie}
   */
  Optional<Refusal> checkOnce(OsSocket socket, long cookie) throws IOException {
    boolean here = namespace.equals(NamespaceRunner.CURRENT);
    Long known = here ? usableHere.get() : Long.valueOf(usableThere.get());
    if (cookie != UNKNOWN && known != null && known == cookie) {
      return Optional.empty();
    }
    Optional<Refusal> refusal = check(socket);
    if (refusal.isEmpty() && cookie != UNKNOWN) {
      if (!here) {
        usableThere.set(cookie);
      } else if (!Thread.currentThread().isVirtual()) {
        usableHere.set(cookie);
      }
    }
    return refusal;
  }

  /** SO_NETNS_COOKIE of a socket; 0 before Linux 5.14. */
  static long namespaceCookie(OsSocket socket) {
    int written = socket.probe(Opt.SO_NETNS_COOKIE, Long.BYTES);
    return written == Long.BYTES ? OsSocket.probedLong() : UNKNOWN;
  }

  /** Whether TCP_REPAIR can be used here at all. */
  Optional<Refusal> check() throws IOException {
    return onOwnSocket(this::repair);
  }

  private Optional<Refusal> onOwnSocket(Look look) throws IOException {
    int fd =
        (int)
            LinuxException.check(
                InNamespace.call(
                    namespace,
                    () -> libc.socket(SocketAddresses.AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
                "socket(AF_INET, SOCK_STREAM)");
    try {
      return look.at(new OsSocket(libc, fd));
    } finally {
      libc.close(fd);
    }
  }

  private static Optional<Refusal> foreign(OsSocket own, OsSocket socket) throws LinuxException {
    long ownCookie;
    long cookie;
    try {
      ownCookie = own.getLong(Opt.SO_NETNS_COOKIE);
      cookie = socket.getLong(Opt.SO_NETNS_COOKIE);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOPROTOOPT) {
        return Optional.empty(); // before Linux 5.14
      }
      throw e;
    }
    return cookie == ownCookie
        ? Optional.empty()
        : Optional.of(
            new Refusal(
                RefusalReason.FOREIGN_NAMESPACE,
                "a socket of network namespace " + Long.toUnsignedString(cookie),
                "one of namespace " + Long.toUnsignedString(ownCookie),
                "give the HostStack a NamespaceRunner of the socket's namespace"));
  }

  private Optional<Refusal> repair(OsSocket own) throws LinuxException {
    try {
      RepairSession.begin(own);
      return Optional.empty();
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case Errno.EPERM -> Optional.of(unprivileged());
        case Errno.ENOPROTOOPT ->
            Optional.of(
                new Refusal(
                    RefusalReason.UNSUPPORTED,
                    "a kernel without TCP_REPAIR",
                    "Linux 3.5 or newer with CONFIG_CHECKPOINT_RESTORE",
                    "use such a kernel"));
        default -> throw e;
      };
    }
  }

  private Refusal unprivileged() {
    String seen = "no CAP_NET_ADMIN in the user namespace of this network namespace";
    return helper == null
        ? new Refusal(
            RefusalReason.PRIVILEGE,
            seen,
            "CAP_NET_ADMIN",
            "run as root, or under [unshare -Urn], or give java the capability with"
                + " [setcap cap_net_admin+ep]")
        : new Refusal(
            RefusalReason.PRIVILEGE,
            seen + ", and no helper at [" + helper + "] that would do it",
            "CAP_NET_ADMIN, or a helper that serves this user in this network namespace",
            "start [offramp helperd] there, and try again; its log tells what it refuses");
  }

  private interface Look {
    Optional<Refusal> at(OsSocket own) throws IOException;
  }
}

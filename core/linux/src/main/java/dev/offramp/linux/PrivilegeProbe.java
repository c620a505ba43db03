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
import java.util.Optional;

/**
 * Finds out on a socket of its own whether this process may use TCP_REPAIR in its namespace, and
 * whether another socket is of the same namespace. Reading capabilities would not tell: what counts
 * is CAP_NET_ADMIN in the user namespace that owns the network namespace.
 */
final class PrivilegeProbe {
  // include/linux/net.h
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_CLOEXEC = 0x80000;

  private final LibC libc;
  private final NamespaceRunner namespace;

  PrivilegeProbe(LibC libc, NamespaceRunner namespace) {
    this.libc = libc;
    this.namespace = namespace;
  }

  /** The refusal for {@code socket}, if there is one. */
  Optional<Refusal> check(OsSocket socket) throws IOException {
    return onOwnSocket(own -> {
      Optional<Refusal> foreign = foreign(own, socket);
      return foreign.isPresent() ? foreign : repair(own);
    });
  }

  /** Whether TCP_REPAIR can be used here at all. */
  Optional<Refusal> check() throws IOException {
    return onOwnSocket(PrivilegeProbe::repair);
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

  private static Optional<Refusal> repair(OsSocket own) throws LinuxException {
    try {
      RepairSession.begin(own);
      return Optional.empty();
    } catch (LinuxException e) {
      return switch (e.errno()) {
        case Errno.EPERM ->
            Optional.of(
                new Refusal(
                    RefusalReason.PRIVILEGE,
                    "no CAP_NET_ADMIN in the user namespace of this network namespace",
                    "CAP_NET_ADMIN",
                    "run as root, or under [unshare -Urn], or give java the capability with"
                        + " [setcap cap_net_admin+ep]"));
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

  private interface Look {
    Optional<Refusal> at(OsSocket own) throws IOException;
  }
}

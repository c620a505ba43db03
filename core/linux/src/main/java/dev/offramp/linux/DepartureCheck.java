package dev.offramp.linux;

import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.libc.SocketAddresses;
import dev.offramp.linux.tcp.FileDescriptors;
import dev.offramp.linux.tcp.Opt;
import dev.offramp.linux.tcp.OsSocket;
import dev.offramp.linux.tcp.RepairSession;
import dev.offramp.linux.tcp.SocketFilter;
import dev.offramp.linux.tcp.StateReader;
import dev.offramp.linux.tcp.TcpInfo;
import dev.offramp.linux.tcp.Waiters;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection cannot leave this host, found out before anything is stopped.
 *
 * <p>TCP MD5 signatures (RFC 2385) cannot be seen through a socket: Linux has no getsockopt for
 * them. Java cannot switch them on either.
 */
final class DepartureCheck {
  // include/uapi/linux/in.h
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_MPTCP = 262;
  private static final int ULP_NAME_BYTES = 16;

  // struct tcp_ao_info_opt, include/uapi/linux/tcp.h
  private static final int AO_INFO_BYTES = 56;

  private final FileDescriptors descriptors;
  private final PrivilegeProbe privilege;

  DepartureCheck(FileDescriptors descriptors, PrivilegeProbe privilege) {
    this.descriptors = descriptors;
    this.privilege = privilege;
  }

  /** All obstacles of a connection. When one makes looking further pointless, that one alone. */
  List<Refusal> of(SocketChannel channel) {
    List<Refusal> found = javaSide(channel);
    if (!found.isEmpty()) {
      return found;
    }
    try {
      OsSocket socket = descriptors.of(channel);
      found.addAll(ofSocket(socket));
      if (found.isEmpty()) {
        use(descriptors.lastKnown(channel), socket, users(channel), found);
        privilege.check(socket).ifPresent(found::add);
      }
    } catch (IOException e) {
      found.add(unseen(channel, e));
    }
    return found;
  }

  /** A socket that could not be looked at. */
  static Refusal unseen(SocketChannel channel, IOException e) {
    return new Refusal(
        channel.isOpen() ? RefusalReason.UNSUPPORTED : RefusalReason.CLOSED,
        String.valueOf(e.getMessage()),
        "a socket that can be looked at",
        "see the cause");
  }

  /** Looks for the users of all connections: the channels' threads, selectors and duplicates. */
  ChannelUsers users() throws IOException {
    return ChannelUsers.seen(descriptors.bySocket(), Waiters.onAll());
  }

  /**
   * Looks for what uses one channel. Nobody can wait inside Java on a non-blocking one, except in a
   * selector, of which the channel knows: then the threads need not be asked one by one.
   */
  private ChannelUsers users(SocketChannel channel) throws IOException {
    return ChannelUsers.seen(
        descriptors.bySocket(), channel.isBlocking() ? Waiters.onAll() : Map.of());
  }

  /**
   * What is looked at right before a departure, with what it needs again: nothing is asked twice.
   *
   * @param info TCP_INFO
   * @param filter the socket's filter
   * @param namespaceCookie of the socket's network namespace; 0 when the kernel has none
   */
  record Look(TcpInfo info, SocketFilter filter, long namespaceCookie) {}

  /**
   * Looks at a connection that is about to depart.
   *
   * @param known the channel's descriptor
   * @param held the same socket by the departure's own descriptor
   * @param users who uses the connections, {@code null} to look for it
   * @param constants of the socket, {@code null} to ask for them
   * @param found gets the obstacles
   * @return null when there are some
   */
  @Nullable Look beforeDeparture(
      SocketChannel channel,
      FileDescriptors.Known known,
      OsSocket held,
      @Nullable ChannelUsers users,
      @Nullable SocketConstants constants,
      List<Refusal> found)
      throws IOException {
    if (constants == null || !constants.ordinaryTcp()) {
      identity(held, found);
    }
    if (!found.isEmpty()) {
      return null;
    }
    TcpInfo info = TcpInfo.of(held);
    SocketFilter filter = socketState(held, info, found);
    long namespaceCookie =
        constants == null ? PrivilegeProbe.namespaceCookie(held) : constants.namespaceCookie();
    if (found.isEmpty()) {
      use(known, held, users == null ? users(channel) : users, found);
      privilege.checkOnce(held, namespaceCookie).ifPresent(found::add);
    }
    return found.isEmpty() && filter != null ? new Look(info, filter, namespaceCookie) : null;
  }

  /**
   * Looks at a connection whose socket is about to be passed to another process. TCP goes on
   * meanwhile, so that most of what forbids a departure does not matter.
   *
   * @param users who uses the connections, {@code null} to look for it
   * @param found gets the obstacles
   */
  void beforePassing(
      SocketChannel channel,
      FileDescriptors.Known known,
      OsSocket held,
      @Nullable ChannelUsers users,
      List<Refusal> found)
      throws IOException {
    passed(held, found);
    if (found.isEmpty()) {
      use(known, held, users == null ? users(channel) : users, found);
    }
  }

  /** Whether a descriptor is a TCP connection that runs. */
  static void passed(OsSocket socket, List<Refusal> found) throws LinuxException {
    int written = socket.probe(Opt.SO_PROTOCOL, Integer.BYTES);
    if (written != Integer.BYTES) {
      found.add(notTcp("a descriptor that is no socket"));
      return;
    }
    identity(socket, found);
    if (found.isEmpty()) {
      state(TcpInfo.of(socket).state(), found);
      inRepair(socket, found);
    }
  }

  /** Why the kernel answers EPERM although it was looked at before; empty when it is unclear. */
  List<Refusal> ofRefusal(OsSocket held) {
    List<Refusal> found = new ArrayList<>();
    try {
      addLock(held, found);
      privilege.check(held).ifPresent(found::add);
    } catch (IOException e) {
      // The first error says enough.
    }
    return found;
  }

  /** What the kernel says of a socket, whoever uses it. */
  static List<Refusal> ofSocket(OsSocket socket) throws LinuxException {
    List<Refusal> found = new ArrayList<>();
    identity(socket, found);
    if (found.isEmpty()) {
      addLock(socket, found);
      socketState(socket, TcpInfo.of(socket), found);
    }
    return found;
  }

  /** What Java knows; costs no system call. */
  static List<Refusal> javaSide(SocketChannel channel) {
    List<Refusal> found = new ArrayList<>();
    if (!channel.isOpen()) {
      found.add(refusal(RefusalReason.CLOSED, "a closed channel", "an open one", "reconnect"));
      return found;
    }
    try {
      var socket = channel.socket();
      if (!channel.isConnected()) {
        found.add(
            refusal(
                RefusalReason.TCP_STATE,
                "a channel that is not connected",
                "state ESTABLISHED",
                "connect it first"));
        return found;
      }
      if (socket.isInputShutdown() || socket.isOutputShutdown()) {
        found.add(halfClosed("a direction that was shut down"));
      }
    } catch (UnsupportedOperationException e) {
      found.add(notTcp("a Unix domain socket"));
      return found;
    }
    if (channel.isRegistered()) {
      found.add(
          refusal(
              RefusalReason.CHANNEL_IN_USE,
              "a channel that is registered with a selector",
              "none",
              "cancel its key and select once, then try again"));
    }
    return found;
  }

  /** Whether it is an ordinary TCP socket at all. */
  static void identity(OsSocket socket, List<Refusal> found) throws LinuxException {
    int domain = socket.getInt(Opt.SO_DOMAIN);
    int protocol = socket.getInt(Opt.SO_PROTOCOL);
    if (domain != SocketAddresses.AF_INET && domain != SocketAddresses.AF_INET6) {
      found.add(notTcp("a socket of family " + domain));
    } else if (protocol == IPPROTO_MPTCP) {
      found.add(
          refusal(
              RefusalReason.MULTIPATH,
              "an MPTCP socket",
              "plain TCP",
              "connect without MPTCP (IPPROTO_TCP)"));
    } else if (protocol != IPPROTO_TCP) {
      found.add(notTcp("a socket of protocol " + protocol));
    }
  }

  /** Returns the filter, or null when there is one that cannot be read. */
  private static @Nullable SocketFilter socketState(
      OsSocket socket, TcpInfo info, List<Refusal> found) throws LinuxException {
    state(info.state(), found);
    String ulp = upperLayer(socket);
    if (!ulp.isEmpty()) {
      found.add(
          refusal(
              RefusalReason.UPPER_LAYER_PROTOCOL,
              "the upper-layer protocol " + ulp + " on the socket",
              "none",
              "do not offload TLS (or the like) into the kernel on this connection"));
    }
    if (signsSegments(socket)) {
      found.add(
          refusal(
              RefusalReason.SIGNED_SEGMENTS,
              "TCP-AO on the socket",
              "unsigned segments",
              "connect without TCP-AO"));
    }
    if (socket.hasUrgentData()) {
      found.add(
          refusal(
              RefusalReason.URGENT_DATA,
              "urgent data that was not read",
              "none",
              "read the urgent data, and do not use it"));
    }
    // A fence cannot be read back, so that a socket in repair is to be told apart first.
    SocketFilter filter = inRepair(socket, found) ? null : filter(socket, found);
    int unread = socket.unreadBytes();
    int queued = socket.queuedBytes();
    if (!StateReader.fits(unread, queued)) {
      found.add(
          refusal(
              RefusalReason.QUEUE_TOO_LARGE,
              unread + " unread and " + queued + " unacknowledged or unsent bytes",
              "at most 2^30 each",
              "read, or write less"));
    }
    return filter;
  }

  static void state(TcpState state, List<Refusal> found) {
    switch (state) {
      case ESTABLISHED -> {
        return;
      }
      case CLOSED ->
          found.add(
              refusal(RefusalReason.CLOSED, "TCP state CLOSED", "state ESTABLISHED", "reconnect"));
      case CLOSE_WAIT, FIN_WAIT_1, FIN_WAIT_2, CLOSING, LAST_ACK, TIME_WAIT ->
          found.add(halfClosed("TCP state " + state));
      case LISTEN, SYN_SENT, SYN_RECEIVED ->
          found.add(
              refusal(
                  RefusalReason.TCP_STATE,
                  "TCP state " + state,
                  "state ESTABLISHED",
                  "finish connecting first"));
    }
  }

  private static String upperLayer(OsSocket socket) throws LinuxException {
    int written = socket.probe(Opt.TCP_ULP, ULP_NAME_BYTES);
    if (written == 0 || written == -Errno.ENOPROTOOPT) {
      return ""; // none, or Linux before 4.13, which has none
    }
    if (written < 0) {
      throw new LinuxException("getsockopt(TCP_ULP)", -written);
    }
    byte[] name = socket.getBytes(Opt.TCP_ULP, ULP_NAME_BYTES);
    return new String(name, StandardCharsets.US_ASCII).replace("\0", "");
  }

  private static boolean signsSegments(OsSocket socket) throws LinuxException {
    int written = socket.probe(Opt.TCP_AO_INFO, AO_INFO_BYTES);
    return switch (-written) {
      // No key; no such option before Linux 6.7, or without CONFIG_TCP_AO.
      case Errno.ENOENT, Errno.ENOPROTOOPT, Errno.EOPNOTSUPP -> false;
      default -> {
        if (written < 0) {
          throw new LinuxException("getsockopt(TCP_AO_INFO)", -written);
        }
        yield true;
      }
    };
  }

  /** Before a departure the kernel tells by refusing the fence: see {@link #ofRefusal}. */
  private static void addLock(OsSocket socket, List<Refusal> found) throws LinuxException {
    if (socket.getInt(Opt.SO_LOCK_FILTER) != 0) {
      found.add(
          refusal(
              RefusalReason.FILTER_LOCKED,
              "a locked socket filter",
              "one that can be replaced by a fence for a while",
              "do not set SO_LOCK_FILTER"));
    }
  }

  private static @Nullable SocketFilter filter(OsSocket socket, List<Refusal> found)
      throws LinuxException {
    try {
      return SocketFilter.attachedTo(socket);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EACCES) {
        throw e;
      }
      found.add(
          refusal(
              RefusalReason.FILTER_LOCKED,
              "an eBPF socket filter, which cannot be read back",
              "none, or a classic one",
              "detach it, or use a classic filter"));
      return null;
    }
  }

  private static boolean inRepair(OsSocket socket, List<Refusal> found) throws LinuxException {
    boolean on = RepairSession.isOn(socket);
    if (on) {
      found.add(
          refusal(
              RefusalReason.CHANNEL_IN_USE,
              "a socket in repair mode",
              "a running one",
              "finish the other departure, or whatever else has frozen it"));
    }
    return on;
  }

  private static void use(
      FileDescriptors.Known known, OsSocket held, ChannelUsers users, List<Refusal> found) {
    int fd = known.socket().fd();
    List<Integer> duplicates = users.duplicates(known.cookie(), fd, held.fd());
    if (!duplicates.isEmpty()) {
      found.add(
          refusal(
              RefusalReason.CHANNEL_IN_USE,
              "duplicates of the descriptor: " + duplicates,
              "none",
              "close them: their users cannot be kept away"));
    }
    List<String> waiters = users.waiters(fd);
    if (!waiters.isEmpty()) {
      found.add(
          refusal(
              RefusalReason.CHANNEL_IN_USE,
              String.join(", ", waiters),
              "nobody who reads, writes or waits",
              "stop them, or use a GatedChannel"));
    }
  }

  private static Refusal notTcp(String seen) {
    return refusal(RefusalReason.NOT_TCP, seen, "a TCP socket", "nothing: only TCP can be moved");
  }

  private static Refusal halfClosed(String seen) {
    return refusal(
        RefusalReason.HALF_CLOSED,
        seen,
        "both directions open (state ESTABLISHED)",
        "move the connection before either end closes");
  }

  static Refusal refusal(RefusalReason reason, String seen, String expected, String remedy) {
    return new Refusal(reason, seen, expected, remedy);
  }
}

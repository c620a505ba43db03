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
import java.util.ArrayList;
import java.util.List;

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
  List<Refusal> of(SocketChannel channel, boolean exclusive) {
    List<Refusal> found = javaSide(channel);
    if (!found.isEmpty()) {
      return found;
    }
    try {
      OsSocket socket = descriptors.of(channel);
      found.addAll(ofSocket(socket));
      if (found.isEmpty()) {
        addUse(socket, exclusive, found);
        privilege.check(socket).ifPresent(found::add);
      }
    } catch (IOException e) {
      found.add(
          new Refusal(
              channel.isOpen() ? RefusalReason.UNSUPPORTED : RefusalReason.CLOSED,
              String.valueOf(e.getMessage()),
              "a socket that can be looked at",
              "see the cause"));
    }
    return found;
  }

  /** What the kernel says of a socket, whoever uses it. */
  static List<Refusal> ofSocket(OsSocket socket) throws LinuxException {
    List<Refusal> found = identity(socket);
    if (found.isEmpty()) {
      addSocketState(socket, found);
    }
    return found;
  }

  /** What Java knows; costs no system call. */
  private static List<Refusal> javaSide(SocketChannel channel) {
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
  private static List<Refusal> identity(OsSocket socket) throws LinuxException {
    List<Refusal> found = new ArrayList<>();
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
    return found;
  }

  private static void addSocketState(OsSocket socket, List<Refusal> found) throws LinuxException {
    state(TcpInfo.of(socket).state(), found);
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
    addFilter(socket, found);
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
    try {
      byte[] name = socket.getBytes(Opt.TCP_ULP, ULP_NAME_BYTES);
      return new String(name, java.nio.charset.StandardCharsets.US_ASCII).replace("\0", "");
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOPROTOOPT) {
        return ""; // before Linux 4.13: there are none
      }
      throw e;
    }
  }

  private static boolean signsSegments(OsSocket socket) throws LinuxException {
    try {
      socket.getBytes(Opt.TCP_AO_INFO, AO_INFO_BYTES);
      return true;
    } catch (LinuxException e) {
      return switch (e.errno()) {
        // No key; no such option before Linux 6.7, or without CONFIG_TCP_AO.
        case Errno.ENOENT, Errno.ENOPROTOOPT, Errno.EOPNOTSUPP -> false;
        default -> throw e;
      };
    }
  }

  private static void addFilter(OsSocket socket, List<Refusal> found) throws LinuxException {
    if (socket.getInt(Opt.SO_LOCK_FILTER) != 0) {
      found.add(
          refusal(
              RefusalReason.FILTER_LOCKED,
              "a locked socket filter",
              "one that can be replaced by a fence for a while",
              "do not set SO_LOCK_FILTER"));
      return;
    }
    try {
      SocketFilter.attachedTo(socket);
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
    }
  }

  private void addUse(OsSocket socket, boolean exclusive, List<Refusal> found)
      throws LinuxException, IOException {
    if (RepairSession.isOn(socket)) {
      found.add(
          refusal(
              RefusalReason.CHANNEL_IN_USE,
              "a socket in repair mode",
              "a running one",
              "finish the other departure, or whatever else has frozen it"));
    }
    List<Integer> duplicates = descriptors.duplicatesOf(socket);
    if (!duplicates.isEmpty()) {
      found.add(
          refusal(
              RefusalReason.CHANNEL_IN_USE,
              "duplicates of the descriptor: " + duplicates,
              "none",
              "close them: their users cannot be kept away"));
    }
    if (!exclusive) {
      List<String> waiters = Waiters.on(socket.fd());
      if (!waiters.isEmpty()) {
        found.add(
            refusal(
                RefusalReason.CHANNEL_IN_USE,
                String.join(", ", waiters),
                "nobody who reads, writes or waits",
                "stop them, or use a GatedChannel"));
      }
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

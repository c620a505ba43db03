package dev.offramp.linux;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.linux.libc.LinuxException;
import dev.offramp.linux.tcp.OsSocket;
import java.util.ArrayList;
import java.util.List;

/**
 * What a socket is from its first moment to its last, so that it need be asked only once.
 *
 * @param ordinaryTcp whether it is TCP over IPv4 or IPv6, and not MPTCP
 * @param namespaceCookie of its network namespace; 0 when the kernel has none
 */
record SocketConstants(boolean ordinaryTcp, long namespaceCookie) {
  static SocketConstants of(OsSocket socket) throws LinuxException {
    List<Refusal> found = new ArrayList<>();
    DepartureCheck.identity(socket, found);
    return new SocketConstants(found.isEmpty(), PrivilegeProbe.namespaceCookie(socket));
  }
}

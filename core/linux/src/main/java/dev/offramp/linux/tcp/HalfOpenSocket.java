package dev.offramp.linux.tcp;

import static dev.offramp.linux.tcp.ClassicBpf.FLAGS;
import static dev.offramp.linux.tcp.ClassicBpf.JSET_K;
import static dev.offramp.linux.tcp.ClassicBpf.KEEP_ALL;
import static dev.offramp.linux.tcp.ClassicBpf.LD_B_ABS;
import static dev.offramp.linux.tcp.ClassicBpf.RET_K;

import dev.offramp.linux.libc.LinuxException;
import java.net.InetSocketAddress;

/** A socket that is to send a SYN, and never to have a connection. */
public final class HalfOpenSocket {
  private static final int SYN = 2;

  /** With the first one and the kernel's intervals: after 0, 1, 3 and 7 s. */
  private static final int REPETITIONS = 3;

  /** Drops a SYN, with which a peer would make a connection, or answer that it has made one. */
  private static final SocketFilter NO_SYN =
      ClassicBpf.filter(
          new int[] {LD_B_ABS, 0, 0, FLAGS},
          new int[] {JSET_K, 0, 1, SYN},
          new int[] {RET_K, 0, 0, 0},
          new int[] {RET_K, 0, 0, KEEP_ALL});

  private HalfOpenSocket() {}

  /**
   * Gives a new socket its address. In repair a port is shared with a socket that listens, as those
   * of its connections do.
   *
   * @param family of the socket: AF_INET or AF_INET6
   */
  public static void prepare(OsSocket socket, InetSocketAddress local, int family)
      throws LinuxException {
    NO_SYN.attachTo(socket);
    socket.setInt(Opt.TCP_SYNCNT, REPETITIONS);
    RepairSession binding = RepairSession.begin(socket);
    socket.bind(local, family);
    binding.endSilently();
  }
}

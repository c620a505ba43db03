package dev.offramp.linux.net;

import static dev.offramp.linux.libc.LinuxException.check;

import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.netlink.Clsact;
import dev.offramp.linux.netlink.NetlinkException;
import dev.offramp.linux.netlink.NetlinkSocket;
import dev.offramp.linux.netlink.U32Selector;
import java.io.IOException;
import java.lang.foreign.Arena;

/**
 * All filters of a NIC's two ports, over one rtnetlink socket of its namespace, which stays open
 * until {@link #close} and keeps the namespace alive so long. For one thread at a time.
 */
final class Steering implements AutoCloseable {
  /** Behind every filter of a connection; a priority is 16 bits, the lowest is asked first. */
  private static final int PASS_ALL_PRIORITY = 60_000;

  private static final Clsact.Group PASS_ALL =
      new Clsact.Group(Clsact.Direction.INGRESS, PASS_ALL_PRIORITY, Clsact.ETH_P_ALL);

  private final NetlinkSocket socket;
  private final Clsact wire;
  private final Clsact host;
  private final HashedFilters[] steers;
  private final HashedFilters[] guards;

  private Steering(
      NetlinkSocket socket,
      Clsact wire,
      Clsact host,
      HashedFilters[] steers,
      HashedFilters[] guards) {
    this.socket = socket;
    this.wire = wire;
    this.host = host;
    this.steers = steers;
    this.guards = guards;
  }

  /**
   * Has each port pass on to the other, with nothing steered. Undone when it fails.
   *
   * @param sink interface that swallows what it is sent
   * @throws SteeringException when the kernel refuses
   */
  static Steering open(NetworkNamespace namespace, String wirePort, String hostPort, String sink)
      throws IOException {
    return namespace.call(() -> openHere(wirePort, hostPort, sink));
  }

  /** The same in the namespace of the calling thread. */
  static Steering openHere(String wirePort, String hostPort, String sink) throws IOException {
    LibC libc = NativeAccess.libc();
    NetlinkSocket socket = NetlinkSocket.open(libc);
    try {
      return open(
          socket,
          wirePort,
          index(libc, wirePort),
          hostPort,
          index(libc, hostPort),
          index(libc, sink));
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw e;
    }
  }

  /**
   * Takes away all filters of two ports, whoever has set them; that there are none is no failure.
   */
  static void clear(NetworkNamespace namespace, String wirePort, String hostPort)
      throws IOException {
    namespace.call(() -> {
      LibC libc = NativeAccess.libc();
      try (NetlinkSocket socket = NetlinkSocket.open(libc)) {
        remove(new Clsact(socket, index(libc, wirePort), wirePort));
        remove(new Clsact(socket, index(libc, hostPort), hostPort));
      }
      return true;
    });
  }

  private static Steering open(
      NetlinkSocket socket,
      String wirePort,
      int wireIndex,
      String hostPort,
      int hostIndex,
      int sinkIndex)
      throws IOException {
    Clsact wire = new Clsact(socket, wireIndex, wirePort);
    Clsact host = new Clsact(socket, hostIndex, hostPort);
    try {
      wire.add();
      try {
        host.add();
        try {
          HashedFilters[] steers = new HashedFilters[2];
          HashedFilters[] guards = new HashedFilters[2];
          for (int family = 0; family < 2; family++) {
            boolean v6 = family == 1;
            guards[family] = HashedFilters.create(wire, HashedFilters.Purpose.GUARD, v6, sinkIndex);
            steers[family] = HashedFilters.create(wire, HashedFilters.Purpose.STEER, v6, sinkIndex);
          }
          wire.redirect(PASS_ALL, 0, U32Selector.ALL, hostIndex);
          host.redirect(PASS_ALL, 0, U32Selector.ALL, wireIndex);
          return new Steering(socket, wire, host, steers, guards);
        } catch (IOException | RuntimeException e) {
          Undo.after(e, host::remove);
          throw e;
        }
      } catch (IOException | RuntimeException e) {
        Undo.after(e, wire::remove);
        throw e;
      }
    } catch (NetlinkException e) {
      throw typed("the ports [" + wirePort + "] and [" + hostPort + "] cannot be joined", e);
    }
  }

  /** Leads a connection's segments up; gives the filter's handle. */
  int steer(FourTuple tuple) throws IOException {
    try {
      return of(steers, tuple).add(tuple);
    } catch (NetlinkException e) {
      throw typed("no filter can be set for " + tuple, e);
    }
  }

  void unsteer(FourTuple tuple, int handle) throws IOException {
    try {
      of(steers, tuple).remove(handle);
    } catch (NetlinkException e) {
      throw typed("the filter of " + tuple + " cannot be taken away", e);
    }
  }

  /** Has a connection's resets swallowed; gives the guard's handle. */
  int guard(FourTuple tuple) throws IOException {
    try {
      return of(guards, tuple).add(tuple);
    } catch (NetlinkException e) {
      throw typed("no guard can be put up for " + tuple, e);
    }
  }

  void unguard(FourTuple tuple, int handle) throws IOException {
    try {
      of(guards, tuple).remove(handle);
    } catch (NetlinkException e) {
      throw typed("the guard of " + tuple + " cannot be taken down", e);
    }
  }

  /** Takes both qdiscs away, and all filters with them; what is gone already is no failure. */
  @Override
  public void close() throws IOException {
    try {
      Undo.all(() -> remove(wire), () -> remove(host));
    } finally {
      socket.close();
    }
  }

  private static void remove(Clsact port) throws IOException {
    try {
      port.remove();
    } catch (NetlinkException e) {
      if (!HashedFilters.isGone(e)) {
        throw typed("a qdisc cannot be removed", e);
      }
    }
  }

  private static HashedFilters of(HashedFilters[] families, FourTuple tuple) {
    return families[SteeringRules.isV6(tuple.local().getAddress()) ? 1 : 0];
  }

  private static SteeringException typed(String what, NetlinkException e) {
    return new SteeringException(what, e);
  }

  private static int index(LibC libc, String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return (int)
          check(libc.if_nametoindex(arena.allocateFrom(name)), "if_nametoindex(" + name + ")");
    }
  }
}

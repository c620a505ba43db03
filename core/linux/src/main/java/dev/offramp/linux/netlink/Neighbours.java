package dev.offramp.linux.netlink;

import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.SocketAddresses;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;

/** Asks the kernel for neighbours: {@code ip neigh get}. Safe for many threads. */
public final class Neighbours {
  private static final int RTM_GETNEIGH = 30;
  private static final int NDA_DST = 1;
  private static final int NTF_USE = 1;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_CREATE = 0x400;

  private final NetlinkSocket socket;

  /**
   * Looks up over {@code socket}.
   *
   * @param socket stays the caller's
   */
  public Neighbours(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * The Ethernet address of a neighbour, as the kernel knows it now; nobody is asked on the wire.
   * Absent, with the reason, when the kernel has none.
   *
   * @param interfaceIndex where the neighbour is
   * @param address its IP address
   * @throws IOException when the kernel cannot be asked
   */
  public Field<MacAddress> lookup(int interfaceIndex, InetAddress address) throws IOException {
    Neighbour neighbour;
    try {
      neighbour =
          Neighbour.decode(
              socket.ask(request(interfaceIndex, address), Neighbour.RTM_NEWNEIGH).payload());
    } catch (NetlinkException e) {
      if (e.errno() == Errno.ENOENT) {
        return Field.absent(
            "no neighbour entry for "
                + address.getHostAddress()
                + " on interface "
                + interfaceIndex);
      }
      throw e;
    }
    if (!neighbour.isValid()) {
      return Field.absent("neighbour is " + neighbour.stateName());
    }
    return neighbour
        .mac()
        .map(mac -> Field.present(mac, "RTM_GETNEIGH NDA_LLADDR, " + neighbour.stateName()))
        .orElseGet(
            () -> Field.absent("neighbour is " + neighbour.stateName() + " without NDA_LLADDR"));
  }

  /**
   * Has the kernel find out where a neighbour is, on the wire, as though somebody sent to it: what
   * comes of it is announced. Needs CAP_NET_ADMIN.
   *
   * @param interfaceIndex where the neighbour is
   * @param address its IP address
   * @throws NetlinkException EPERM without the capability; EINVAL where there is nothing to find
   */
  public void resolve(int interfaceIndex, InetAddress address) throws IOException {
    boolean v6 = address instanceof Inet6Address;
    socket.command(
        new Request(Neighbour.RTM_NEWNEIGH, NLM_F_ACK | NLM_F_CREATE, "RTM_NEWNEIGH", address)
            .u8(v6 ? SocketAddresses.AF_INET6 : SocketAddresses.AF_INET)
            .u8(0)
            .u16(0)
            .u32(interfaceIndex)
            .u16(0)
            .u8(NTF_USE)
            .u8(0)
            .attribute(NDA_DST, address));
  }

  static Request request(int interfaceIndex, InetAddress address) {
    boolean v6 = address instanceof Inet6Address;
    return new Request(RTM_GETNEIGH, "RTM_GETNEIGH", address)
        .u8(v6 ? SocketAddresses.AF_INET6 : SocketAddresses.AF_INET)
        .u8(0)
        .u16(0)
        .u32(interfaceIndex)
        .u16(0)
        .u8(0)
        .u8(0)
        .attribute(NDA_DST, address);
  }
}

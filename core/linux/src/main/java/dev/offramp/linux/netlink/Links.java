package dev.offramp.linux.netlink;

import java.io.IOException;

/** Asks the kernel for interfaces: {@code ip link show}. Safe for many threads. */
public final class Links {
  private static final int RTM_GETLINK = 18;
  private static final int AF_UNSPEC = 0;
  private static final int IFLA_EXT_MASK = 29;
  private static final int RTEXT_FILTER_SKIP_STATS = 1 << 3;

  private final NetlinkSocket socket;

  /**
   * Looks up over {@code socket}.
   *
   * @param socket stays the caller's
   */
  public Links(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * One interface.
   *
   * @param index its number
   * @throws NetlinkException ENODEV when there is none
   */
  public Link lookup(int index) throws IOException {
    return Link.decode(socket.ask(request(index), Link.RTM_NEWLINK).payload());
  }

  static Request request(int index) {
    return new Request(RTM_GETLINK, "RTM_GETLINK", index)
        .u8(AF_UNSPEC)
        .u8(0)
        .u16(0)
        .u32(index)
        .u32(0)
        .u32(0)
        .attribute(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
  }
}

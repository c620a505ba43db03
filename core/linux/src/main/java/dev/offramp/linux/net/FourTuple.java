package dev.offramp.linux.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A TCP connection's two ends, as its owner on this host sees them.
 *
 * @param local the host's end
 * @param remote the peer's end; of the same family
 */
public record FourTuple(InetSocketAddress local, InetSocketAddress remote) {
  public FourTuple {
    check(local, "local");
    check(remote, "remote");
    if (local.getAddress().getClass() != remote.getAddress().getClass()) {
      throw new IllegalArgumentException(
          "the ends have different families: " + local + ", " + remote);
    }
  }

  private static void check(InetSocketAddress end, String name) {
    InetAddress address = end.getAddress();
    if (address == null || address.isAnyLocalAddress() || end.getPort() == 0) {
      throw new IllegalArgumentException(name + " end is not a resolved address and port: " + end);
    }
  }

  @Override
  public String toString() {
    return local + " <-> " + remote;
  }
}

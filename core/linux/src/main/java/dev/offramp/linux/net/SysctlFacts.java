package dev.offramp.linux.net;

import dev.offramp.api.descriptor.Field;
import java.io.IOException;

/**
 * What a namespace's kernel parameters say about the connections that are made in it; what one of
 * them negotiated is in its TCP_INFO. A parameter that cannot be read is absent, with the reason.
 *
 * @param tcpTimestamps 0: off, 1: on with random offsets, 2: on without
 * @param tcpSack 0 or 1
 * @param tcpWindowScaling 0 or 1
 * @param tcpEcn 0: off, 1: asked for and accepted, 2: accepted
 * @param tcpMtuProbing 0: off, 1: after a black hole, 2: always
 * @param ipv4Forwarding 0 or 1
 * @param ipv6Forwarding 0 or 1
 */
public record SysctlFacts(
    Field<Integer> tcpTimestamps,
    Field<Integer> tcpSack,
    Field<Integer> tcpWindowScaling,
    Field<Integer> tcpEcn,
    Field<Integer> tcpMtuProbing,
    Field<Integer> ipv4Forwarding,
    Field<Integer> ipv6Forwarding) {

  /**
   * Reads them in {@code namespace}.
   *
   * @throws IOException when the namespace cannot be entered
   */
  public static SysctlFacts read(NetworkNamespace namespace) throws IOException {
    return namespace.call(SysctlFacts::readHere);
  }

  /** Reads them in the namespace of the calling thread. Never throws. */
  public static SysctlFacts readHere() {
    return new SysctlFacts(
        number("net.ipv4.tcp_timestamps"),
        number("net.ipv4.tcp_sack"),
        number("net.ipv4.tcp_window_scaling"),
        number("net.ipv4.tcp_ecn"),
        number("net.ipv4.tcp_mtu_probing"),
        number("net.ipv4.ip_forward"),
        number("net.ipv6.conf.all.forwarding"));
  }

  private static Field<Integer> number(String name) {
    try {
      return Field.present(Integer.parseInt(Sysctl.read(name)), "sysctl " + name);
    } catch (IOException | NumberFormatException e) {
      return Field.absent("sysctl " + name + " cannot be read: " + e);
    }
  }
}

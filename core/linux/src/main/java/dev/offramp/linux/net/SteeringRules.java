package dev.offramp.linux.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * The filters of the NIC in the middle, as arguments of tc. Pure.
 *
 * <p>Offsets of u32 are from the start of the IP header. {@code sport} and {@code dport} of
 * tc-u32(8) are at fixed offsets: right behind an IPv4 header without options, which is why the
 * header length is matched too, or an IPv6 header without extension headers, which {@code protocol
 * 6} ensures. Steered packets that carry options or extension headers, and later fragments, go the
 * ordinary way to the host; TCP of Linux sends none of them.
 */
final class SteeringRules {
  /** Behind every filter of a connection; a preference is 16 bits, the lowest is asked first. */
  static final int PASS_ALL_PREFERENCE = 60_000;

  private static final int IPV4_HEADER_BYTES = 20;
  private static final int IPV6_HEADER_BYTES = 40;
  private static final int TCP_FLAGS_OFFSET = 13;

  private SteeringRules() {}

  /** Everything that enters by one port leaves by the other. */
  static String pass(String from, String to) {
    return ("filter add dev %s ingress protocol all pref %d u32 match u32 0 0"
            + " action mirred egress redirect dev %s")
        .formatted(from, PASS_ALL_PREFERENCE, to);
  }

  /**
   * Packets of one connection that come from the peer are accepted: with a class and no action, the
   * search for filters ends and the packet goes up into this namespace's own stack.
   */
  static String steer(String wire, int preference, FourTuple tuple) {
    return add(wire, "ingress", preference, tuple)
        + segment(tuple.remote(), tuple.local())
        + " flowid 1:1";
  }

  /**
   * Resets of one connection towards the peer are swallowed. Redirected into a sink rather than
   * dropped, because the gact action is not part of every kernel and mirred is needed anyway.
   */
  static String guard(String wire, String sink, int preference, FourTuple tuple) {
    int header = isV6(tuple.local().getAddress()) ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES;
    return add(wire, "egress", preference, tuple)
        + segment(tuple.local(), tuple.remote())
        + " match u8 0x04 0x04 at %d".formatted(header + TCP_FLAGS_OFFSET)
        + " action mirred egress redirect dev "
        + sink;
  }

  /** Removes the filter that has this preference to itself. */
  static String remove(String device, String direction, int preference) {
    return "filter del dev %s %s pref %d".formatted(device, direction, preference);
  }

  private static String add(String device, String direction, int preference, FourTuple tuple) {
    String protocol = isV6(tuple.local().getAddress()) ? "ipv6" : "ip";
    return "filter add dev %s %s protocol %s pref %d u32"
        .formatted(device, direction, protocol, preference);
  }

  private static String segment(InetSocketAddress from, InetSocketAddress to) {
    String word = isV6(from.getAddress()) ? "ip6" : "ip";
    String shape = word.equals("ip") ? " match u8 0x45 0xff at 0 match u16 0 0x1fff at 6" : "";
    return shape
        + " match %1$s src %2$s match %1$s dst %3$s match %1$s protocol 6 0xff"
            .formatted(word, prefix(from.getAddress()), prefix(to.getAddress()))
        + " match %1$s sport %2$d 0xffff match %1$s dport %3$d 0xffff"
            .formatted(word, from.getPort(), to.getPort());
  }

  private static String prefix(InetAddress address) {
    return text(address) + (isV6(address) ? "/128" : "/32");
  }

  /** The address without a scope: that is not in the packet. */
  static String text(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }

  static boolean isV6(InetAddress address) {
    return address instanceof Inet6Address;
  }
}

package dev.offramp.linux.net;

import dev.offramp.api.descriptor.MacAddress;
import java.net.InetAddress;
import java.util.List;

/**
 * How the host appears on the wire, which the NIC's own stack has to copy exactly, and whom it
 * reaches from there. The NIC asks nobody: with address resolution off, a neighbour that is not
 * listed cannot be reached.
 *
 * @param mac the host's Ethernet address
 * @param addresses the host's IP addresses on that link
 * @param neighbours those on the link that connections run to or through
 * @param gateways neighbours that everything else goes through, at most one for each family
 */
public record HostIdentity(
    MacAddress mac,
    List<Prefix> addresses,
    List<StaticNeighbour> neighbours,
    List<InetAddress> gateways) {
  public HostIdentity {
    addresses = List.copyOf(addresses);
    neighbours = List.copyOf(neighbours);
    gateways = List.copyOf(gateways);
  }

  /**
   * An address and the size of its network.
   *
   * @param address an IPv4 or IPv6 address
   * @param bits the prefix length, 0..32 or 0..128
   */
  public record Prefix(InetAddress address, int bits) {
    @Override
    public String toString() {
      return SteeringRules.text(address) + "/" + bits;
    }
  }

  /**
   * A neighbour whose Ethernet address is known beforehand.
   *
   * @param address its IP address on the link
   * @param mac its Ethernet address
   */
  public record StaticNeighbour(InetAddress address, MacAddress mac) {}
}

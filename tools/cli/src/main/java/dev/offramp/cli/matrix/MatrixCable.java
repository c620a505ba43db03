package dev.offramp.cli.matrix;

import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.HostIdentity;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import dev.offramp.linux.net.Topology;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * A peer, a host, and two NICs in the cable between them. Two owners of one connection need a place
 * each, for a network namespace cannot hold a 4-tuple twice. A NIC that has not got a connection is
 * a cable to it, so what one NIC lets pass reaches the other.
 */
final class MatrixCable implements AutoCloseable {
  private static final String WIRE = "uplink";
  private static final String PORT = "port";

  /** Where an owner has its TCP. */
  enum Place {
    AT_PEER,
    AT_HOST
  }

  private final NetworkNamespace behind;
  private final Topology topology;
  private final SteeredNic nic;

  private MatrixCable(NetworkNamespace behind, Topology topology, SteeredNic nic) {
    this.behind = behind;
    this.topology = topology;
    this.nic = nic;
  }

  /**
   * Lays it.
   *
   * @param host stays the caller's
   */
  static MatrixCable around(NetworkNamespace host) throws IOException {
    NetworkNamespace behind = NetworkNamespace.create();
    try {
      // To the first NIC the second one is the host.
      Topology topology = Topology.around(behind, new Topology.Plan(0, WIRE));
      try {
        HostIdentity identity = topology.nic().identity();
        CommandLine.in(behind)
            .ipBatch(
                List.of(
                    "link add " + PORT + " type veth peer name " + Topology.HOST_INTERFACE,
                    "link set " + Topology.HOST_INTERFACE + " netns " + host.path()));
        CommandLine.in(host).ipBatch(setUp(identity));
        topology.switchTimestampsOff();
        host.switchTimestampsOff();
        return new MatrixCable(behind, topology, SteeredNic.open(behind, PORT, WIRE, identity));
      } catch (IOException | RuntimeException | Error e) {
        topology.close();
        throw e;
      }
    } catch (IOException | RuntimeException | Error e) {
      behind.close();
      throw e;
    }
  }

  private static List<String> setUp(HostIdentity identity) {
    String device = Topology.HOST_INTERFACE;
    List<String> lines = new ArrayList<>();
    lines.add("link set lo up");
    lines.add("link set " + device + " addrgenmode none");
    lines.add("link set " + device + " address " + identity.mac());
    lines.add("link set " + device + " up");
    for (HostIdentity.Prefix prefix : identity.addresses()) {
      lines.add(
          "addr add %s dev %s%s"
              .formatted(prefix, device, prefix.address() instanceof Inet6Address ? " nodad" : ""));
    }
    for (HostIdentity.StaticNeighbour neighbour : identity.neighbours()) {
      InetAddress address = neighbour.address();
      lines.add(
          "neigh replace %s lladdr %s dev %s nud permanent"
              .formatted(address.getHostAddress(), neighbour.mac(), device));
    }
    return lines;
  }

  Topology.Node peer() {
    return topology.peer();
  }

  /** The second NIC has the host's addresses. */
  Topology.Node host() {
    return topology.host();
  }

  SteeredNic nic(Place place) {
    return place == Place.AT_PEER ? topology.nic() : nic;
  }

  NetworkNamespace namespace(Place place) {
    return place == Place.AT_PEER ? topology.nicNamespace() : behind;
  }

  /** The host's interface goes with its other end. */
  @Override
  public void close() throws IOException {
    try (behind;
        topology) {
      nic.close();
      CommandLine.in(behind).ipBatch(List.of("link del " + PORT));
    }
  }
}

package dev.offramp.linux.net;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.linux.libc.Availability;
import dev.offramp.linux.libc.NativeAccess;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Peer, NIC and host, each in a network namespace, joined by veth pairs: an RNIC's whole world on
 * one machine. Works as root and under {@code unshare -Urn}.
 *
 * <pre>
 *   peer                     NIC                        host
 *   [cable] ------ veth ---- [wire]  [port] ---- veth - [offramp0]
 *   10.77.N.2                10.77.N.1 (a copy)         10.77.N.1
 *   fd00:77:N::2, fe80::2    fd00:77:N::1, fe80::1      fd00:77:N::1, fe80::1
 *   02:4f:46:00:NN:02        02:4f:46:00:NN:01          02:4f:46:00:NN:01
 * </pre>
 *
 * <p>Until something is steered, the NIC is a cable. Safe for many threads.
 */
public final class Topology implements AutoCloseable {
  /** The host's interface unless told otherwise. */
  public static final String HOST_INTERFACE = "offramp0";

  private static final String PEER_INTERFACE = "cable";
  private static final String WIRE_PORT = "wire";
  private static final String HOST_PORT = "port";
  private static final int V4_BITS = 24;
  private static final int V6_BITS = 64;

  /**
   * One end of the link.
   *
   * @param namespace where it is
   * @param interfaceName its interface
   * @param interfaceIndex the index of that
   * @param mac its Ethernet address
   * @param ipv4 its IPv4 address
   * @param ipv6 its unique local IPv6 address
   * @param linkLocal its link-local IPv6 address, with the scope id that is valid in its namespace
   */
  public record Node(
      NetworkNamespace namespace,
      String interfaceName,
      int interfaceIndex,
      MacAddress mac,
      InetAddress ipv4,
      InetAddress ipv6,
      Inet6Address linkLocal) {
    /**
     * {@code address} of the other node as this one has to write it: a link-local one gets this
     * node's scope id.
     */
    public InetAddress toReach(InetAddress address) {
      return address instanceof Inet6Address v6 && v6.isLinkLocalAddress()
          ? scoped(v6, interfaceIndex)
          : address;
    }
  }

  /**
   * What to build.
   *
   * @param network N of the addresses, 0..254; another for each topology that shares a host
   *     namespace
   * @param hostInterface name of the interface that the host gets, 1..15 characters
   */
  public record Plan(int network, String hostInterface) {
    public Plan {
      if (network < 0 || network > 254) {
        throw new IllegalArgumentException("network is 0..254, not " + network);
      }
      if (!hostInterface.matches("[A-Za-z0-9_.-]{1,15}")) {
        throw new IllegalArgumentException("not the name of an interface: " + hostInterface);
      }
    }

    /** Network 0, interface {@link #HOST_INTERFACE}. */
    public static Plan usual() {
      return new Plan(0, HOST_INTERFACE);
    }
  }

  private final Node peer;
  private final Node host;
  private final NetworkNamespace nicNamespace;
  private final SteeredNic nic;
  private final boolean ownsHost;

  private Topology(
      Node peer, Node host, NetworkNamespace nicNamespace, SteeredNic nic, boolean ownsHost) {
    this.peer = peer;
    this.host = host;
    this.nicNamespace = nicNamespace;
    this.nic = nic;
    this.ownsHost = ownsHost;
  }

  /**
   * Why no topology can be built here, and what to do about it; empty when it can: native access,
   * programs, privilege. Makes a namespace and lets go of it. Whether the kernel has veth, u32 and
   * mirred shows when one is built.
   */
  public static Optional<String> obstacle() {
    Availability nativeAccess = NativeAccess.check();
    if (!nativeAccess.available()) {
      return Optional.of(nativeAccess.toString());
    }
    try {
      for (String program : List.of("ip", "nsenter")) {
        Executables.find(program);
      }
      NetworkNamespace.create().close();
      return Optional.empty();
    } catch (CommandException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return Optional.of(
          "no network namespace can be made: "
              + e.getMessage()
              + "; run as root, or [unshare -Urn sh -c 'ip link set lo up && java ...']");
    }
  }

  /**
   * Builds it with three new namespaces.
   *
   * @throws IOException when a step fails; nothing is left behind then
   */
  public static Topology create() throws IOException {
    NetworkNamespace host = NetworkNamespace.create();
    try {
      return create(host, Plan.usual(), true);
    } catch (IOException | RuntimeException e) {
      host.close();
      throw e;
    }
  }

  /**
   * Builds it around a host namespace that exists, for instance {@link NetworkNamespace#current},
   * so that an ordinary program in it can reach the peer.
   *
   * @param host stays the caller's; must stay open for as long as the topology is
   * @throws IOException when a step fails; nothing is left behind then
   */
  public static Topology around(NetworkNamespace host, Plan plan) throws IOException {
    return create(host, plan, false);
  }

  /** The peer. */
  public Node peer() {
    return peer;
  }

  /** The host. */
  public Node host() {
    return host;
  }

  /** The namespace of the NIC: sockets made in it use the host's addresses. */
  public NetworkNamespace nicNamespace() {
    return nicNamespace;
  }

  /** The NIC. Closed with the topology. */
  public SteeredNic nic() {
    return nic;
  }

  /**
   * Host and peer use no TCP timestamps on connections that they make from now on. Nor does the
   * NIC, whose kernel would count their 12 bytes off a full segment of a connection without them.
   *
   * @throws IOException when the setting cannot be changed
   * @see NetworkNamespace#switchTimestampsOff
   */
  public void switchTimestampsOff() throws IOException {
    host.namespace().switchTimestampsOff();
    peer.namespace().switchTimestampsOff();
    nicNamespace.switchTimestampsOff();
  }

  /**
   * Removes the interfaces and lets go of the namespaces. Connections over it see silence. Further
   * calls do nothing.
   *
   * @throws IOException when something could not be removed; the rest has been
   */
  @Override
  public void close() throws IOException {
    Undo.all(nic::close, () -> dismantle(nicNamespace, peer.namespace()));
    if (ownsHost) {
      host.namespace().close();
    }
  }

  private static Topology create(NetworkNamespace host, Plan plan, boolean ownsHost)
      throws IOException {
    NetworkNamespace nic = NetworkNamespace.create();
    try {
      NetworkNamespace peer = NetworkNamespace.create();
      try {
        return create(peer, nic, host, plan, ownsHost);
      } catch (IOException | RuntimeException e) {
        Undo.after(e, () -> dismantle(nic, peer));
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      nic.close();
      throw e;
    }
  }

  private static Topology create(
      NetworkNamespace peer,
      NetworkNamespace nic,
      NetworkNamespace host,
      Plan plan,
      boolean ownsHost)
      throws IOException {
    // Made inside the NIC's namespace, so that a name can only clash with the host's.
    CommandLine.in(nic)
        .ipBatch(
            List.of(
                "link add " + WIRE_PORT + " type veth peer name " + PEER_INTERFACE,
                "link add " + HOST_PORT + " type veth peer name " + plan.hostInterface(),
                "link set " + PEER_INTERFACE + " netns " + peer.path(),
                "link set " + plan.hostInterface() + " netns " + host.path()));
    CommandLine.in(peer).ipBatch(setUp(plan, PEER_INTERFACE, 2, 1));
    CommandLine.in(host).ipBatch(setUp(plan, plan.hostInterface(), 1, 2));
    HostIdentity identity =
        new HostIdentity(
            mac(plan, 1),
            List.of(
                new HostIdentity.Prefix(ipv4(plan, 1), V4_BITS),
                new HostIdentity.Prefix(ipv6(plan, 1), V6_BITS),
                new HostIdentity.Prefix(linkLocal(1), V6_BITS)),
            List.of(
                new HostIdentity.StaticNeighbour(ipv4(plan, 2), mac(plan, 2)),
                new HostIdentity.StaticNeighbour(ipv6(plan, 2), mac(plan, 2)),
                new HostIdentity.StaticNeighbour(linkLocal(2), mac(plan, 2))),
            List.of());
    SteeredNic steered = SteeredNic.open(nic, HOST_PORT, WIRE_PORT, identity);
    try {
      return new Topology(
          node(plan, peer, PEER_INTERFACE, 2),
          node(plan, host, plan.hostInterface(), 1),
          nic,
          steered,
          ownsHost);
    } catch (IOException | RuntimeException e) {
      Undo.after(e, steered::close);
      throw e;
    }
  }

  /** The other end of a veth pair goes with it, at once; a namespace goes some time later. */
  private static void dismantle(NetworkNamespace nic, NetworkNamespace peer) throws IOException {
    try {
      if (!nic.isClosed()) {
        CommandLine commands = CommandLine.in(nic);
        Undo.gone(
            () -> commands.ipBatchAll(List.of("link del " + HOST_PORT, "link del " + WIRE_PORT)));
      }
    } finally {
      nic.close();
      peer.close();
    }
  }

  private static List<String> setUp(Plan plan, String device, int own, int other) {
    List<String> lines = new ArrayList<>();
    lines.add("link set lo up");
    lines.add("link set " + device + " addrgenmode none");
    lines.add("link set " + device + " address " + mac(plan, own));
    lines.add("link set " + device + " up");
    lines.add("addr add %s/%d dev %s".formatted(text(ipv4(plan, own)), V4_BITS, device));
    lines.add("addr add %s/%d dev %s nodad".formatted(text(ipv6(plan, own)), V6_BITS, device));
    lines.add("addr add %s/%d dev %s nodad".formatted(text(linkLocal(own)), V6_BITS, device));
    // Static, so that no test begins with the loss of a first packet.
    for (InetAddress neighbour : List.of(ipv4(plan, other), ipv6(plan, other), linkLocal(other))) {
      lines.add(
          "neigh replace %s lladdr %s dev %s nud permanent"
              .formatted(text(neighbour), mac(plan, other), device));
    }
    return lines;
  }

  private static Node node(Plan plan, NetworkNamespace namespace, String device, int number)
      throws IOException {
    int index = Interfaces.index(namespace, device);
    return new Node(
        namespace,
        device,
        index,
        mac(plan, number),
        ipv4(plan, number),
        ipv6(plan, number),
        scoped(linkLocal(number), index));
  }

  private static MacAddress mac(Plan plan, int number) {
    // 02: locally administered (IEEE 802, 8.2). 4f 46: "OF".
    return MacAddress.of(new byte[] {2, 0x4f, 0x46, 0, (byte) plan.network(), (byte) number});
  }

  private static InetAddress ipv4(Plan plan, int number) {
    return address(new byte[] {10, 77, (byte) plan.network(), (byte) number});
  }

  private static InetAddress ipv6(Plan plan, int number) {
    byte[] octets = new byte[16];
    octets[0] = (byte) 0xfd;
    octets[3] = 0x77;
    octets[5] = (byte) plan.network();
    octets[15] = (byte) number;
    return address(octets);
  }

  private static Inet6Address linkLocal(int number) {
    byte[] octets = new byte[16];
    octets[0] = (byte) 0xfe;
    octets[1] = (byte) 0x80;
    octets[15] = (byte) number;
    return (Inet6Address) address(octets);
  }

  private static Inet6Address scoped(Inet6Address address, int index) {
    try {
      return Inet6Address.getByAddress(null, address.getAddress(), index);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError("16 octets are an IPv6 address", e);
    }
  }

  private static InetAddress address(byte[] octets) {
    try {
      return InetAddress.getByAddress(octets);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError("4 or 16 octets are an address", e);
    }
  }

  private static String text(InetAddress address) {
    return SteeringRules.text(address);
  }
}

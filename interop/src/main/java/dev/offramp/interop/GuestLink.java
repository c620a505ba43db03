package dev.offramp.interop;

import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.HostIdentity;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.SteeredNic;
import java.io.IOException;
import java.net.InetAddress;
import java.util.HexFormat;
import java.util.List;

/**
 * A host of its own on the lab's bridge, whose only cable runs through a NIC that connections can
 * be moved to: what {@link dev.offramp.linux.net.Topology} builds, with the lab as the peer.
 *
 * <pre>
 *   guest with siw --- br0 --- [cable]  ~  [wire | NIC | port]  ~  [offramp0] host 10.77.0.253
 * </pre>
 */
final class GuestLink implements AutoCloseable {
  /** The host's address, which connections keep at the NIC. */
  static final String HOST = "10.77.0.253";

  static final String HOST_V6 = "fd77::253";

  private static final String MAC = "02:4f:46:77:00:fd";
  private static final String CABLE = "cable";
  private static final String WIRE = "wire";
  private static final String PORT = "port";
  private static final String HOST_INTERFACE = "offramp0";

  private final NetworkNamespace host;
  private final NetworkNamespace nicNamespace;
  private final SteeredNic nic;

  private GuestLink(NetworkNamespace host, NetworkNamespace nicNamespace, SteeredNic nic) {
    this.host = host;
    this.nicNamespace = nicNamespace;
    this.nic = nic;
  }

  /** Builds it; nothing is left behind when a step fails. */
  static GuestLink open(Lab lab) throws IOException {
    NetworkNamespace host = NetworkNamespace.create();
    try {
      NetworkNamespace nicNamespace = NetworkNamespace.create();
      try {
        return open(lab, host, nicNamespace);
      } catch (IOException | RuntimeException e) {
        nicNamespace.close();
        throw e;
      }
    } catch (IOException | RuntimeException e) {
      host.close();
      throw e;
    }
  }

  private static GuestLink open(Lab lab, NetworkNamespace host, NetworkNamespace nicNamespace)
      throws IOException {
    CommandLine.in(nicNamespace)
        .ipBatch(
            List.of(
                "link add " + WIRE + " type veth peer name " + CABLE,
                "link add " + PORT + " type veth peer name " + HOST_INTERFACE,
                // One segment at a time, so that captures show the frames of a real wire.
                "link set " + WIRE + " gso_max_segs 1",
                "link set " + HOST_INTERFACE + " gso_max_segs 1",
                "link set " + CABLE + " netns " + lab.namespace().path(),
                "link set " + HOST_INTERFACE + " netns " + host.path()));
    CommandLine.in(lab.namespace())
        .ipBatch(
            List.of("link set " + CABLE + " master " + Lab.BRIDGE, "link set " + CABLE + " up"));
    CommandLine.in(host)
        .ipBatch(
            List.of(
                "link set lo up",
                "link set " + HOST_INTERFACE + " address " + MAC,
                "link set " + HOST_INTERFACE + " up",
                "addr add " + HOST + "/24 dev " + HOST_INTERFACE,
                "addr add " + HOST_V6 + "/64 dev " + HOST_INTERFACE + " nodad"));
    InetAddress guest = InetAddress.getByName(Lab.GUEST);
    InetAddress guestV6 = InetAddress.getByName(Lab.GUEST_V6);
    MacAddress guestMac = mac(Lab.GUEST_MAC);
    HostIdentity identity =
        new HostIdentity(
            mac(MAC),
            List.of(
                new HostIdentity.Prefix(InetAddress.getByName(HOST), 24),
                new HostIdentity.Prefix(InetAddress.getByName(HOST_V6), 64)),
            List.of(
                new HostIdentity.StaticNeighbour(guest, guestMac),
                new HostIdentity.StaticNeighbour(guestV6, guestMac)),
            List.of());
    return new GuestLink(host, nicNamespace, SteeredNic.open(nicNamespace, PORT, WIRE, identity));
  }

  /** Where the application's sockets are. */
  NetworkNamespace host() {
    return host;
  }

  NetworkNamespace nicNamespace() {
    return nicNamespace;
  }

  SteeredNic nic() {
    return nic;
  }

  private static MacAddress mac(String text) {
    return MacAddress.of(HexFormat.ofDelimiter(":").parseHex(text));
  }

  @Override
  public void close() throws IOException {
    try {
      nic.close();
      // The other end of each pair goes with it.
      CommandLine.in(nicNamespace).ipBatchAll(List.of("link del " + PORT, "link del " + WIRE));
    } finally {
      nicNamespace.close();
      host.close();
    }
  }
}

package dev.offramp.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.Field;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.Origin;
import dev.offramp.linux.libc.Errno;
import dev.offramp.linux.libc.LibC;
import dev.offramp.linux.libc.NativeAccess;
import dev.offramp.linux.net.CommandException;
import dev.offramp.linux.net.CommandLine;
import dev.offramp.linux.net.NetworkNamespace;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Compares with what {@code ip} of iproute2 says about the same namespace. */
class EgressPathTest {
  private static final MacAddress PEER_MAC = new MacAddress(0x020000000009L);
  private static final MacAddress GATEWAY_MAC = new MacAddress(0x02000000000aL);

  private static NetworkNamespace namespace;
  private static CommandLine commands;
  private static NetlinkSocket socket;
  private static int index;

  @BeforeAll
  static void build() throws Exception {
    namespace = NetworkNamespace.create();
    commands = CommandLine.in(namespace);
    commands.ipBatch(
        List.of(
            "link set lo up",
            "link add va mtu 9000 type veth peer name vb",
            "link set va addrgenmode none",
            "link set va up",
            "link set vb up",
            "addr add 10.1.1.1/24 dev va",
            "addr add fd00:1::1/64 dev va nodad",
            "addr add fe80::1/64 dev va nodad",
            "neigh replace 10.1.1.2 lladdr " + PEER_MAC + " dev va nud permanent",
            "neigh replace 10.1.1.3 lladdr " + GATEWAY_MAC + " dev va nud stale",
            "neigh replace 10.1.1.78 dev va nud incomplete",
            "neigh replace 10.1.1.79 dev va nud failed",
            "neigh replace fd00:1::2 lladdr " + PEER_MAC + " dev va nud reachable",
            "neigh replace fe80::2 lladdr " + PEER_MAC + " dev va nud permanent",
            "neigh replace fe80::3 lladdr " + GATEWAY_MAC + " dev va nud permanent",
            "route add 10.9.0.0/16 via 10.1.1.3 mtu 1400",
            "route add 10.10.0.0/16 via inet6 fe80::3 dev va",
            "route add fd00:9::/64 via fe80::3 dev va",
            "route add blackhole 10.11.0.0/16",
            "link add mv link va type macvlan",
            "addr add 10.2.2.1/24 dev mv",
            "link set mv up"));
    LibC libc = NativeAccess.libc();
    socket = namespace.call(() -> NetlinkSocket.open(libc));
    index = Integer.parseInt(json(commands.ip("-j", "link", "show", "va"), "ifindex"));
  }

  @AfterAll
  static void close() {
    socket.close();
    namespace.close();
  }

  @Test
  void aNeighbourOnTheLink() throws Exception {
    EgressPath facts = describe("10.1.1.1", "10.1.1.2");
    assertThat(facts.egressInterface()).isEqualTo(Field.present("va", "RTM_GETLINK IFLA_IFNAME"));
    assertThat(facts.egressInterfaceIndex().value()).isEqualTo(index);
    assertThat(facts.sourceMac().value().toString())
        .isEqualTo(json(commands.ip("-j", "link", "show", "va"), "address"));
    assertThat(facts.nextHop().value()).isEqualTo(ip("10.1.1.2"));
    assertThat(facts.nextHop().origin()).isEqualTo(Origin.DERIVED);
    assertThat(facts.nextHopMac())
        .isEqualTo(Field.present(PEER_MAC, "RTM_GETNEIGH NDA_LLADDR, PERMANENT"));
    assertThat(facts.nextHopMac().value().toString())
        .isEqualTo(json(commands.ip("-j", "neigh", "show", "10.1.1.2"), "lladdr"));
    assertThat(facts.vlanTag().isKnown()).isFalse();
    assertThat(facts.vlanTag().source()).isEqualTo("untagged: va is of kind veth");
    assertThat(facts.pathMtuBytes().value()).isEqualTo(9000);
    assertThat(facts.pathMtuBytes().origin()).isEqualTo(Origin.DERIVED);
  }

  @Test
  void behindAGatewayWithAnMtuOfItsOwn() throws Exception {
    EgressPath facts = describe("10.1.1.1", "10.9.0.1");
    String ip = commands.ip("-j", "route", "get", "10.9.0.1", "from", "10.1.1.1");
    assertThat(facts.nextHop().value()).isEqualTo(ip(json(ip, "gateway")));
    assertThat(facts.nextHop().source()).isEqualTo("RTM_GETROUTE RTA_GATEWAY");
    assertThat(facts.nextHopMac().value()).isEqualTo(GATEWAY_MAC);
    assertThat(facts.pathMtuBytes())
        .isEqualTo(Field.present(Integer.parseInt(json(ip, "mtu")), "RTM_GETROUTE RTAX_MTU"));
  }

  @Test
  void anIpv4RouteOverAnIpv6Gateway() throws Exception {
    EgressPath facts = describe("10.1.1.1", "10.10.0.1");
    assertThat(facts.nextHop().value()).isEqualTo(ip("fe80::3"));
    assertThat(facts.nextHopMac().value()).isEqualTo(GATEWAY_MAC);
  }

  @Test
  void ipv6OnTheLinkBehindAGatewayAndLinkLocal() throws Exception {
    assertThat(describe("fd00:1::1", "fd00:1::2").nextHopMac().value()).isEqualTo(PEER_MAC);

    EgressPath behind = describe("fd00:1::1", "fd00:9::1");
    String ip = commands.ip("-j", "route", "get", "fd00:9::1", "from", "fd00:1::1");
    assertThat(behind.nextHop().value()).isEqualTo(ip(json(ip, "gateway")));
    assertThat(behind.nextHopMac().value()).isEqualTo(GATEWAY_MAC);

    EgressPath linkLocal = describe("fe80::1%" + index, "fe80::2%" + index);
    assertThat(linkLocal.egressInterface().value()).isEqualTo("va");
    assertThat(linkLocal.nextHop().value().getHostAddress()).endsWith("%" + index);
    assertThat(linkLocal.nextHopMac().value()).isEqualTo(PEER_MAC);
  }

  @Test
  void neighboursThatAreNotKnownSayWhy() throws Exception {
    assertThat(describe("10.1.1.1", "10.1.1.77").nextHopMac())
        .isEqualTo(Field.absent("no neighbour entry for 10.1.1.77 on interface " + index));
    assertThat(describe("10.1.1.1", "10.1.1.78").nextHopMac())
        .isEqualTo(Field.absent("neighbour is INCOMPLETE"));
    assertThat(describe("10.1.1.1", "10.1.1.79").nextHopMac())
        .isEqualTo(Field.absent("neighbour is FAILED"));
  }

  @Test
  void aLocalConnectionHasNoEthernet() throws Exception {
    EgressPath facts = describe("127.0.0.1", "127.0.0.1");
    assertThat(facts.egressInterface().value()).isEqualTo("lo");
    assertThat(facts.sourceMac().source()).isEqualTo("lo is a loopback interface");
    assertThat(facts.nextHop().source()).contains("the route is local");
    assertThat(facts.nextHopMac().source()).contains("the route is local");
    assertThat(facts.pathMtuBytes().value()).isEqualTo(65_535);
    assertThat(describe("::1", "::1").nextHopMac().source()).contains("the route is local");
  }

  @Test
  void noRouteIsNoFailure() throws Exception {
    EgressPath facts = describe("10.1.1.1", "192.0.2.1");
    assertThat(facts.egressInterface())
        .isEqualTo(Field.absent("RTM_GETROUTE 192.0.2.1: ENETUNREACH"));
    assertThat(facts.pathMtuBytes().isKnown()).isFalse();
    assertThat(describe("10.1.1.1", "10.11.0.1").nextHop().isKnown()).isFalse();
    assertThat(describe("192.0.2.9", "10.1.1.2").nextHop().isKnown()).isFalse();
  }

  @Test
  void anInterfaceOnTopOfAnother() throws Exception {
    EgressPath facts = describe("10.2.2.1", "10.2.2.2");
    assertThat(facts.egressInterface().value()).isEqualTo("mv");
    Link link = new Links(socket).lookup(facts.egressInterfaceIndex().value());
    assertThat(link.kind()).contains("macvlan");
    assertThat(link.lowerIndex()).hasValue(index);
    assertThat(link.vlan()).isEmpty();
  }

  /** On kernels without CONFIG_VLAN_8021Q the refusal is asserted; MessageTest has the bytes. */
  @Test
  void aVlanInterface() throws Exception {
    try {
      commands.ip(
          "link",
          "add",
          "link",
          "va",
          "name",
          "va.42",
          "type",
          "vlan",
          "id",
          "42",
          "egress-qos-map",
          "0:3");
    } catch (CommandException e) {
      assertThat(e.stderr()).contains("Unknown device type");
      assertThat(e.remedy()).contains("kernel lacks");
      return;
    }
    commands.ipBatch(List.of("addr add 10.3.3.1/24 dev va.42", "link set va.42 up"));
    EgressPath facts = describe("10.3.3.1", "10.3.3.2");
    assertThat(facts.egressInterface().value()).isEqualTo("va.42");
    assertThat(facts.vlanTag().value().id()).isEqualTo(42);
    assertThat(facts.vlanTag().value().priority()).isEqualTo(3);
    assertThat(new Links(socket).lookup(facts.egressInterfaceIndex().value()).lowerIndex())
        .hasValue(index);
  }

  @Test
  void anInterfaceThatIsNotThere() {
    assertThatThrownBy(() -> new Links(socket).lookup(4711))
        .isInstanceOfSatisfying(
            NetlinkException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENODEV));
  }

  @Test
  void inTheThreadsOwnNamespaceOnASocketOfItsOwn() throws Exception {
    EgressPath facts =
        namespace.call(() ->
            EgressPath.describe(
                NativeAccess.libc(),
                new InetSocketAddress(ip("10.1.1.1"), 1),
                new InetSocketAddress(ip("10.1.1.2"), 2)));
    assertThat(facts).isEqualTo(describe("10.1.1.1", "10.1.1.2"));
  }

  @Test
  void takesMicroseconds() throws Exception {
    int rounds = 2_000;
    for (int i = 0; i < rounds; i++) {
      describe("10.1.1.1", "10.1.1.2");
    }
    long start = System.nanoTime();
    for (int i = 0; i < rounds; i++) {
      assertThat(describe("10.1.1.1", "10.1.1.2").nextHopMac().isKnown()).isTrue();
    }
    System.out.printf("EgressPath.describe: %d us%n", (System.nanoTime() - start) / rounds / 1_000);
  }

  private static EgressPath describe(String local, String remote) throws Exception {
    return EgressPath.describe(
        socket,
        new InetSocketAddress(ip(local), 1000),
        new InetSocketAddress(ip(remote), 2000),
        EgressPath.Hints.NONE);
  }

  private static InetAddress ip(String text) throws Exception {
    return InetAddress.getByName(text);
  }

  /** The first value with this name: enough for what {@code ip -j} prints about one object. */
  private static String json(String text, String name) {
    Matcher found = Pattern.compile('"' + name + "\":\"?([^\",}\\]]+)").matcher(text);
    assertThat(found.find()).as("%s in %s", name, text).isTrue();
    return found.group(1);
  }
}

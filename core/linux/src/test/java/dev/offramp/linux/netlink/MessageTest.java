package dev.offramp.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.MacAddress;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MessageTest {
  private static final Bytes LINK_HEADER = Bytes.empty().u8(0, 0).u16(1).u32(7).u32(0x1043).u32(0);

  @Test
  void severalMessagesInOneDatagram() throws Exception {
    Bytes datagram =
        Bytes.empty()
            .message(24, 2, 5, Bytes.empty().u8(1, 2, 3))
            .message(3, 0, 6, Bytes.empty().u32(0));
    List<NetlinkMessage> messages = NetlinkMessage.parse(datagram.buffer());
    assertThat(messages).hasSize(2);
    assertThat(messages.get(0).type()).isEqualTo(24);
    assertThat(messages.get(0).sequence()).isEqualTo(5);
    assertThat(messages.get(0).payload().remaining()).isEqualTo(3);
    assertThat(messages.get(1).type()).isEqualTo(NetlinkMessage.NLMSG_DONE);
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    for (int length : new int[] {0, 15, 21, -1, Integer.MIN_VALUE}) {
      Bytes datagram = Bytes.empty().u32(length).u16(2).u16(0).u32(1).u32(0).u32(0);
      assertThatThrownBy(() -> NetlinkMessage.parse(datagram.buffer()))
          .as("length %s", length)
          .isInstanceOf(NetlinkFormatException.class)
          .hasMessageContaining("expected 16..20");
    }
    assertThatThrownBy(() -> NetlinkMessage.parse(Bytes.empty().u32(4).buffer()))
        .isInstanceOf(NetlinkFormatException.class);
  }

  @Test
  void attributeLengthsThatDoNotFitAreRefused() {
    for (int length : new int[] {0, 3, 9, 0xFFFF}) {
      Bytes attribute = Bytes.empty().u16(length).u16(1).u32(0);
      assertThatThrownBy(() -> Attributes.parse(attribute.buffer(), 0))
          .as("length %s", length)
          .isInstanceOf(NetlinkFormatException.class)
          .hasMessageContaining("expected 4..8");
    }
  }

  @Test
  void anErrorWithAnExplanation() throws Exception {
    Bytes payload =
        Bytes.empty()
            .u32(-101)
            .append(Bytes.empty().message(26, 1, 9, Bytes.empty()).array())
            .attribute(1, "no route");
    NetlinkMessage message =
        NetlinkMessage.parse(Bytes.empty().message(2, 0x300, 9, payload).buffer()).getFirst();
    assertThat(KernelError.decode(message)).isEqualTo(new KernelError(101, "no route"));
  }

  @Test
  void anErrorThatQuotesARequestLongerThanItselfIsRefused() throws Exception {
    Bytes payload = Bytes.empty().u32(-22).u32(-1).u16(26).u16(1).u32(9).u32(0);
    NetlinkMessage message =
        NetlinkMessage.parse(Bytes.empty().message(2, 0x200, 9, payload).buffer()).getFirst();
    assertThatThrownBy(() -> KernelError.decode(message))
        .isInstanceOf(NetlinkFormatException.class);
  }

  @Test
  void aRouteThroughAGatewayWithItsOwnMtu() throws Exception {
    Bytes payload =
        Bytes.empty()
            .u8(2, 32, 0, 0, 254, 0, 0, 1)
            .u32(0)
            .attribute(4, Bytes.empty().u32(3))
            .attribute(5, Bytes.empty().u8(10, 0, 0, 254))
            .attribute(7, Bytes.empty().u8(10, 0, 0, 1))
            .attribute(8 | 0x8000, Bytes.empty().attribute(2, Bytes.empty().u32(1400)));
    Route route = Route.decode(payload.buffer());
    assertThat(route.egressIndex()).isEqualTo(3);
    assertThat(route.gateway()).contains(InetAddress.getByName("10.0.0.254"));
    assertThat(route.preferredSource()).contains(InetAddress.getByName("10.0.0.1"));
    assertThat(route.mtuBytes()).hasValue(1400);
    assertThat(route.isLocal()).isFalse();
  }

  @Test
  void anIpv4RouteOverAnIpv6Neighbour() throws Exception {
    byte[] hop = InetAddress.getByName("fe80::7").getAddress();
    Bytes payload =
        Bytes.empty()
            .u8(2, 32, 0, 0, 254, 0, 0, 1)
            .u32(0)
            .attribute(4, Bytes.empty().u32(3))
            .attribute(18, Bytes.empty().u16(10).append(hop));
    assertThat(Route.decode(payload.buffer()).nextHop(InetAddress.getByName("10.9.9.9")))
        .isEqualTo(InetAddress.getByName("fe80::7%3"))
        .extracting(address -> ((java.net.Inet6Address) address).getScopeId())
        .isEqualTo(3);
  }

  @Test
  void anAddressOfAnOddSizeIsRefused() {
    Bytes payload =
        Bytes.empty()
            .u8(2, 32, 0, 0, 254, 0, 0, 1)
            .u32(0)
            .attribute(5, Bytes.empty().u8(1, 2, 3, 4, 5));
    assertThatThrownBy(() -> Route.decode(payload.buffer()))
        .isInstanceOf(NetlinkFormatException.class)
        .hasMessageContaining("5 bytes, expected 4 or 16");
  }

  /** What net/8021q/vlan_netlink.c, vlan_fill_info writes. Many test kernels have no VLANs. */
  @Test
  void aVlanInterface() throws Exception {
    Bytes qos =
        Bytes.empty()
            .attribute(1, Bytes.empty().u32(0).u32(3))
            .attribute(1, Bytes.empty().u32(6).u32(5));
    Bytes data =
        Bytes.empty()
            .attribute(5, Bytes.empty().u8(0x81, 0x00))
            .attribute(1, Bytes.empty().u16(42))
            .attribute(2, Bytes.empty().u32(1).u32(-1))
            .attribute(3 | 0x8000, qos);
    Bytes payload =
        Bytes.empty()
            .append(LINK_HEADER.array())
            .attribute(3, "eth0.42")
            .attribute(4, Bytes.empty().u32(1496))
            .attribute(5, Bytes.empty().u32(2))
            .attribute(1, Bytes.empty().u8(2, 0, 0, 0, 0, 9))
            .attribute(18, Bytes.empty().attribute(1, "vlan").attribute(2, data));
    Link link = Link.decode(payload.buffer());
    assertThat(link.name()).isEqualTo("eth0.42");
    assertThat(link.index()).isEqualTo(7);
    assertThat(link.mac()).contains(new MacAddress(0x020000000009L));
    assertThat(link.mtuBytes()).isEqualTo(1496);
    assertThat(link.kind()).contains("vlan");
    assertThat(link.lowerIndex()).hasValue(2);
    Link.Vlan vlan = link.vlan().orElseThrow();
    assertThat(vlan).isEqualTo(new Link.Vlan(42, 0x8100, Map.of(0, 3, 6, 5)));
    assertThat(vlan.priorityFor(6)).isEqualTo(5);
    assertThat(vlan.priorityFor(1)).isZero();
  }

  @Test
  void theFarEndOfAVethIsNotBelowIt() throws Exception {
    Bytes payload =
        Bytes.empty()
            .append(LINK_HEADER.array())
            .attribute(3, "veth0")
            .attribute(5, Bytes.empty().u32(8))
            .attribute(18, Bytes.empty().attribute(1, "veth"));
    assertThat(Link.decode(payload.buffer()).lowerIndex()).isEmpty();
    Bytes elsewhere =
        Bytes.empty()
            .append(LINK_HEADER.array())
            .attribute(5, Bytes.empty().u32(8))
            .attribute(37, Bytes.empty().u32(0))
            .attribute(18, Bytes.empty().attribute(1, "macvlan"));
    assertThat(Link.decode(elsewhere.buffer()).lowerIndex()).isEmpty();
  }

  @Test
  void neighbourStates() throws Exception {
    Bytes permanent =
        Bytes.empty()
            .u8(2, 0)
            .u16(0)
            .u32(3)
            .u16(0x80)
            .u8(0, 1)
            .attribute(2, Bytes.empty().u8(2, 0, 0, 0, 0, 1));
    assertThat(Neighbour.decode(permanent.buffer()).isValid()).isTrue();
    assertThat(Neighbour.decode(permanent.buffer()).mac())
        .contains(new MacAddress(0x020000000001L));
    Bytes failed = Bytes.empty().u8(2, 0).u16(0).u32(3).u16(0x20).u8(0, 1);
    assertThat(Neighbour.decode(failed.buffer()).isValid()).isFalse();
    assertThat(Neighbour.decode(failed.buffer()).stateName()).isEqualTo("FAILED");
  }

  @Test
  void aRouteRequestAsIpRouteGetSendsIt() throws Exception {
    Request request =
        RouteLookup.request(
            new java.net.InetSocketAddress(InetAddress.getByName("10.0.0.1"), 0x1234),
            new java.net.InetSocketAddress(InetAddress.getByName("10.0.0.2"), 80),
            new EgressPath.Hints(7, 0x10, 0, 0));
    Bytes payload =
        Bytes.empty()
            .u8(2, 32, 32, 0x10, 0, 0, 0, 0)
            .u32(0x1000)
            .attribute(1, Bytes.empty().u8(10, 0, 0, 2))
            .attribute(2, Bytes.empty().u8(10, 0, 0, 1))
            .attribute(16, Bytes.empty().u32(7))
            .attribute(27, Bytes.empty().u8(6))
            .attribute(28, Bytes.empty().u8(0x12, 0x34))
            .attribute(29, Bytes.empty().u8(0, 80));
    assertThat(request.encode(11)).isEqualTo(Bytes.empty().message(26, 1, 11, payload).array());
  }

  @Test
  void theLargestRequestFits() throws Exception {
    InetAddress scoped = InetAddress.getByName("fe80::1%3");
    Request request =
        RouteLookup.request(
            new java.net.InetSocketAddress(scoped, 1),
            new java.net.InetSocketAddress(scoped, 2),
            new EgressPath.Hints(-1, 255, 0, 9));
    assertThat(request.encode(1)).hasSizeLessThan(256);
  }
}

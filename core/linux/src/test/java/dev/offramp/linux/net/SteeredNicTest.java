package dev.offramp.linux.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.linux.net.TopologyTest.Family;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SteeredNicTest {
  private static final int PORT = 7100;
  private static final int PEER_PORT = 5100;

  /** Longer than Linux's first retransmission of a SYN (1 s), which is thereby seen too. */
  private static final Duration SILENCE = Duration.ofMillis(1500);

  private Topology topology;
  private Topology.Node host;
  private Topology.Node peer;
  private SteeredNic nic;

  @BeforeEach
  void build() throws Exception {
    topology = Topology.create();
    host = topology.host();
    peer = topology.peer();
    nic = topology.nic();
  }

  @AfterEach
  void close() throws Exception {
    topology.close();
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void onlyTheSteeredConnectionGoesUp(Family family) throws Exception {
    FourTuple steered = tuple(family, PEER_PORT);
    FourTuple other = tuple(family, PEER_PORT + 1);
    nic.steer(steered);
    nic.open(steered);
    InetSocketAddress inNic =
        new InetSocketAddress(
            family == Family.LINK_LOCAL ? wireLinkLocal() : family.of(host), PORT);
    try (ServerSocketChannel up =
            TestSockets.listen(topology.nicNamespace(), inNic.getAddress(), PORT);
        ServerSocketChannel through = TestSockets.listen(host.namespace(), family.of(host), PORT);
        SocketChannel first = connect(steered);
        SocketChannel second = connect(other);
        SocketChannel atNic = TestSockets.accept(up);
        SocketChannel atHost = TestSockets.accept(through)) {
      assertThat(((InetSocketAddress) atNic.getRemoteAddress()).getPort()).isEqualTo(PEER_PORT);
      assertThat(((InetSocketAddress) atHost.getRemoteAddress()).getPort())
          .isEqualTo(PEER_PORT + 1);
      assertThat(TwoWay.intact(first, atNic, 4 << 20)).isTrue();
      assertThat(TwoWay.intact(second, atHost, 4 << 20)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(Family.class)
  void aHeldConnectionWithoutASocketIsSilent(Family family) throws Exception {
    FourTuple tuple = tuple(family, PEER_PORT);
    nic.steer(tuple);
    assertThat(nic.state(tuple)).isEqualTo(SteeredNic.State.HELD);
    assertThat(isSilent(tuple)).isTrue();

    // Without the guard the NIC's stack refuses: the silence was the guard's.
    nic.open(tuple);
    assertThatThrownBy(() -> connect(tuple)).isInstanceOf(ConnectException.class);

    nic.hold(tuple);
    assertThat(isSilent(tuple)).isTrue();

    nic.unsteer(tuple);
    assertThat(nic.state(tuple)).isNull();
    try (ServerSocketChannel server = TestSockets.listen(host.namespace(), family.of(host), PORT);
        SocketChannel client = connect(tuple);
        SocketChannel accepted = TestSockets.accept(server)) {
      assertThat(TwoWay.intact(client, accepted, 1 << 20)).isTrue();
    }
  }

  @Test
  void aSocketThatAppearsWhileHeldIsReachedByTheRetransmission() throws Exception {
    FourTuple tuple = tuple(Family.IPV4, PEER_PORT);
    nic.steer(tuple);
    try (SocketChannel client = TestSockets.bound(peer.namespace(), tuple.remote())) {
      client.configureBlocking(false);
      client.connect(tuple.local());
      try (ServerSocketChannel up = TestSockets.listen(topology.nicNamespace(), host.ipv4(), PORT);
          SocketChannel atNic = TestSockets.accept(up)) {
        nic.open(tuple);
        assertThat(client.finishConnect()).isTrue();
        client.configureBlocking(true);
        assertThat(TwoWay.intact(client, atNic, 1 << 20)).isTrue();
      }
    }
  }

  /** What a host whose process dies, or that mistakes a moved connection for its own, would do. */
  @Test
  void theGuardSwallowsTheHostsResetsToo() throws Exception {
    FourTuple tuple = tuple(Family.IPV4, PEER_PORT);
    try (ServerSocketChannel server = TestSockets.listen(host.namespace(), host.ipv4(), PORT);
        SocketChannel client = connect(tuple)) {
      SocketChannel accepted = TestSockets.accept(server);
      nic.steer(tuple);
      accepted.setOption(StandardSocketOptions.SO_LINGER, 0);
      accepted.close(); // sends RST
      client.socket().setSoTimeout((int) SILENCE.toMillis());
      assertThatThrownBy(() -> client.socket().getInputStream().read())
          .isInstanceOf(SocketTimeoutException.class);

      nic.unsteer(tuple);
      client.socket().getOutputStream().write(1);
      client.socket().setSoTimeout((int) TestSockets.PATIENCE.toMillis());
      assertThatThrownBy(() -> client.socket().getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void severalConnectionsComeAndGoSingly() throws Exception {
    List<FourTuple> tuples = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      tuples.add(tuple(Family.IPV4, PEER_PORT + i));
      tuples.add(tuple(Family.IPV6, PEER_PORT + i));
    }
    for (FourTuple tuple : tuples) {
      nic.steer(tuple);
      nic.steer(tuple);
    }
    assertThat(nic.steered()).containsExactlyInAnyOrderElementsOf(tuples);
    assertThat(filters("ingress")).isEqualTo(1 + tuples.size());
    assertThat(filters("egress")).isEqualTo(tuples.size());

    nic.open(tuples.get(3));
    nic.open(tuples.get(3));
    assertThat(filters("egress")).isEqualTo(tuples.size() - 1);

    nic.unsteer(tuples.get(2));
    nic.unsteer(tuples.get(2));
    nic.unsteer(tuples.get(3));
    assertThat(filters("ingress")).isEqualTo(tuples.size() - 1);
    assertThat(isSilent(tuples.get(4))).isTrue();
    assertThatThrownBy(() -> connect(tuples.get(2))).isInstanceOf(ConnectException.class);

    nic.steer(tuples.get(2));
    assertThat(filters("ingress")).isEqualTo(tuples.size());
    for (FourTuple tuple : tuples) {
      nic.unsteer(tuple);
    }
    assertThat(filters("ingress")).isEqualTo(1);
    assertThat(filters("egress")).isZero();
  }

  @Test
  void closingTakesEverythingDown() throws Exception {
    CommandLine commands = CommandLine.in(topology.nicNamespace());
    nic.steer(tuple(Family.IPV4, PEER_PORT));
    nic.close();
    nic.close();
    assertThat(commands.tc("qdisc", "show")).doesNotContain("clsact");
    assertThat(commands.ip("link")).doesNotContain("offramp-sink");
    assertThat(commands.ip("addr", "show", "dev", "wire")).doesNotContain("inet");
    assertThat(commands.ip("neigh")).isBlank();
    assertThatThrownBy(() -> nic.steer(tuple(Family.IPV4, PEER_PORT)))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aPortThatIsNotThereFailsTypedAndIsUndone() throws Exception {
    try (NetworkNamespace empty = NetworkNamespace.create()) {
      HostIdentity identity = new HostIdentity(host.mac(), List.of(), List.of(), List.of());
      assertThatThrownBy(() -> SteeredNic.open(empty, "port", "wire", identity))
          .isInstanceOfSatisfying(
              CommandException.class,
              e -> {
                assertThat(e.kind()).isEqualTo(CommandException.Kind.FAILED);
                assertThat(e.stderr()).contains("Cannot find device \"port\"");
                assertThat(e.command()).contains("<<< link set port addrgenmode none");
                assertThat(e.getSuppressed()).isEmpty();
              });
      assertThat(CommandLine.in(empty).ip("-o", "link").lines()).hasSize(1);
    }
  }

  @Test
  void aFailedSteerLeavesNoFilter() throws Exception {
    FourTuple tuple = tuple(Family.IPV4, PEER_PORT);
    CommandLine commands = CommandLine.in(topology.nicNamespace());
    commands.ip("link", "del", "offramp-sink0");
    assertThatThrownBy(() -> nic.steer(tuple))
        .isInstanceOfSatisfying(
            SteeringException.class,
            e -> {
              assertThat(e).hasMessageContaining("no guard can be put up for " + tuple);
              assertThat(e.errno()).isEqualTo(19); // ENODEV
            });
    assertThat(nic.steered()).isEmpty();
    assertThat(filters("ingress")).isEqualTo(1);
    assertThat(filters("egress")).isZero();
  }

  private FourTuple tuple(Family family, int peerPort) {
    return new FourTuple(
        new InetSocketAddress(peer.toReach(family.of(host)), PORT),
        new InetSocketAddress(family.of(peer), peerPort));
  }

  private SocketChannel connect(FourTuple tuple) throws Exception {
    return TestSockets.connect(peer.namespace(), tuple.remote(), tuple.local());
  }

  private boolean isSilent(FourTuple tuple) throws Exception {
    return TestSockets.isSilent(peer.namespace(), tuple.remote(), tuple.local(), SILENCE);
  }

  private java.net.InetAddress wireLinkLocal() throws Exception {
    return java.net.Inet6Address.getByAddress(
        null, host.linkLocal().getAddress(), Interfaces.index(topology.nicNamespace(), "wire"));
  }

  private long filters(String direction) throws Exception {
    return CommandLine.in(topology.nicNamespace())
        .tc("filter", "show", "dev", "wire", direction)
        .lines()
        .filter(line -> line.contains(" fh ") && line.contains("flowid"))
        .count();
  }
}

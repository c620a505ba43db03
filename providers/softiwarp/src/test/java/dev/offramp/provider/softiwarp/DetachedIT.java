package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.linux.net.NetworkNamespace;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.stream.DetachedNics;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A connection of the host's kernel becomes an iWARP stream of an RNIC in a namespace of its own,
 * in the middle of a plain conversation. Needs root or {@code unshare -Urn}.
 */
@Timeout(120)
class DetachedIT {
  private static final int PLAIN_BYTES = 1 << 18;
  private static final int RDMA_BYTES = 1_000_003;

  private static Topology topology;
  private static DetachedNics.Registration nic;

  /** The kinds of sockets that Java makes. */
  enum Family {
    IPV4(StandardProtocolFamily.INET),
    IPV6(StandardProtocolFamily.INET6),
    V4_MAPPED(StandardProtocolFamily.INET6);

    private final StandardProtocolFamily socket;

    Family(StandardProtocolFamily socket) {
      this.socket = socket;
    }

    InetAddress of(Topology.Node node) {
      return this == IPV6 ? node.ipv6() : node.ipv4();
    }
  }

  /** Which end opened the TCP connection. */
  enum Opener {
    HOST,
    PEER
  }

  @BeforeAll
  static void build() throws Exception {
    topology = Topology.create();
    nic = DetachedNics.provide("it", topology.nic(), topology.nicNamespace());
  }

  @AfterAll
  static void dismantle() throws Exception {
    nic.close();
    topology.close();
  }

  static Stream<Arguments> cases() {
    List<Arguments> all = new ArrayList<>();
    for (Family family : Family.values()) {
      for (MpaRole role : MpaRole.values()) {
        for (Opener opener : Opener.values()) {
          all.add(Arguments.of(family, role, opener));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest(name = "{0}, the host is {1}, opened by {2}")
  @MethodSource("cases")
  void aConnectionMovesFromTheHostIntoTheNic(Family family, MpaRole role, Opener opener)
      throws Exception {
    // The front door serves the namespace that it is used in.
    topology.host().namespace().call(() -> move(family, role, opener));
    assertThat(topology.nic().steered()).isEmpty();
  }

  private static boolean move(Family family, MpaRole role, Opener opener) throws Exception {
    OfframpOptions detached =
        OfframpOptions.builder()
            .rnic(OfframpOptions.DETACHED)
            .setting(DetachedNics.SETTING, nic.name())
            .build();
    try (TcpPair tcp = connect(family, opener);
        Offramp offramp = Offramp.open(detached);
        Offramp peers = Offramp.open()) {
      assertThat(tcp.carriesPlainData(PLAIN_BYTES)).isTrue();
      InetSocketAddress local = (InetSocketAddress) tcp.near().getLocalAddress();
      InetSocketAddress remote = (InetSocketAddress) tcp.far().getLocalAddress();
      assertThat(sockets(topology.host().namespace(), local, remote)).isEqualTo(1);
      MpaRole other = role == MpaRole.INITIATOR ? MpaRole.RESPONDER : MpaRole.INITIATOR;
      FutureTask<RdmaConnection> peerSide =
          TcpPair.start(() -> peers.offload(tcp.far(), options(other)));
      try (RdmaConnection rdma = offramp.offload(tcp.near(), options(role));
          RdmaConnection peer = TcpPair.join(peerSide)) {
        assertThat(rdma.ownerName()).isEqualTo(OfframpOptions.DETACHED);
        assertThat(tcp.near().isOpen()).isFalse();
        assertThat(sockets(topology.host().namespace(), local, remote)).isZero();
        assertThat(sockets(topology.nicNamespace(), local, remote)).isEqualTo(1);
        exchange(rdma, peer);
        exchange(peer, rdma);
        FutureTask<StreamEnd> end = TcpPair.start(rdma::disconnect);
        assertThat(peer.disconnect())
            .isInstanceOfAny(StreamEnd.ClosedByPeer.class, StreamEnd.ClosedLocally.class);
        assertThat(TcpPair.join(end))
            .isInstanceOfAny(StreamEnd.ClosedByPeer.class, StreamEnd.ClosedLocally.class);
      }
    }
    return true;
  }

  private static void exchange(RdmaConnection from, RdmaConnection to) throws Exception {
    try (MemoryRegion source = from.allocate(RDMA_BYTES, Access.REMOTE_READ);
        MemoryRegion written = to.allocate(RDMA_BYTES, Access.REMOTE_WRITE);
        MemoryRegion read = to.allocate(RDMA_BYTES, Access.REMOTE_WRITE);
        MemoryRegion received = to.allocate(RDMA_BYTES)) {
      byte[] content = TcpPair.bytes(source.stag(), RDMA_BYTES);
      MemorySegment.copy(content, 0, source.segment(), ValueLayout.JAVA_BYTE, 0, RDMA_BYTES);
      to.post(new Receive(received.whole()));
      from.post(new Write(1, source.whole(), written.advertise()));
      from.post(new Send(2, source.whole()));
      RdmaPair.next(from, Operation.WRITE);
      RdmaPair.next(from, Operation.SEND);
      assertThat(RdmaPair.next(to, Operation.RECEIVE).bytes()).isEqualTo(RDMA_BYTES);
      to.post(new Read(3, read.whole(), source.advertise()));
      RdmaPair.next(to, Operation.READ);
      for (MemoryRegion copy : List.of(written, read, received)) {
        assertThat(Arrays.equals(copy.segment().toArray(ValueLayout.JAVA_BYTE), content)).isTrue();
      }
    }
  }

  private static MpaOptions options(MpaRole role) {
    return role == MpaRole.INITIATOR
        ? Mpa.initiator().peerToPeer(Set.of(RtrKind.WRITE)).build()
        : Mpa.responder().build();
  }

  private static TcpPair connect(Family family, Opener opener) throws Exception {
    Topology.Node host = topology.host();
    Topology.Node peer = topology.peer();
    boolean hostOpens = opener == Opener.HOST;
    Topology.Node server = hostOpens ? peer : host;
    Topology.Node client = hostOpens ? host : peer;
    try (ServerSocketChannel listener =
        server
            .namespace()
            .call(() ->
                ServerSocketChannel.open(family.socket)
                    .bind(new InetSocketAddress(family.of(server), 0)))) {
      int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
      SocketChannel opened =
          client
              .namespace()
              .call(() -> {
                SocketChannel channel = SocketChannel.open(family.socket);
                channel.connect(new InetSocketAddress(family.of(server), port));
                return channel;
              });
      SocketChannel accepted = listener.accept();
      return hostOpens ? new TcpPair(opened, accepted) : new TcpPair(accepted, opened);
    }
  }

  /** How many sockets with these two ports, whatever their state, a namespace has. */
  private static long sockets(
      NetworkNamespace namespace, InetSocketAddress local, InetSocketAddress remote)
      throws Exception {
    String entry = ".*:%04X [0-9A-F]+:%04X .*".formatted(local.getPort(), remote.getPort());
    return namespace.call(() -> {
      List<String> lines = new ArrayList<>();
      for (String table : List.of("tcp", "tcp6")) {
        lines.addAll(Files.readAllLines(Path.of("/proc/thread-self/net", table)));
      }
      return lines.stream().filter(line -> line.matches(entry)).count();
    });
  }
}

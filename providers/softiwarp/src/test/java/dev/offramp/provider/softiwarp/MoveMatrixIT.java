package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.Offramp;
import dev.offramp.api.OfframpOptions;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.linux.net.Topology;
import dev.offramp.runtime.stream.DetachedNics;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Every ordered pair of software owners, a second instance of the same kind included: a connection
 * moves there and back while Writes, Reads and Sends flow both ways. The peer is an ordinary one,
 * and sees pauses. Needs root or {@code unshare -Urn}.
 */
@Timeout(300)
class MoveMatrixIT {
  static final String HOST = OfframpOptions.HOST_RESIDENT;
  static final String DETACHED = OfframpOptions.DETACHED;
  private static final int BYTES = 12 << 20;

  /** Some forty FPDUs, so that most moves come in the middle of a message. */
  private static final int CHUNK_BYTES = 60_003;

  private static final int QUEUE_ENTRIES = 1024;
  private static final int MOVES = 12;
  private static final int STRIDE = 30;

  private static Topology topology;
  private static DetachedNics.Registration nic;

  @BeforeAll
  static void build() throws Exception {
    topology = Topology.create();
    nic = DetachedNics.provide("matrix", topology.nic(), topology.nicNamespace());
  }

  @AfterAll
  static void dismantle() throws Exception {
    nic.close();
    topology.close();
  }

  static Stream<Arguments> pairs() {
    List<Arguments> pairs = new ArrayList<>();
    for (boolean ipv6 : new boolean[] {false, true}) {
      for (String from : List.of(HOST, DETACHED)) {
        for (String to : List.of(HOST, DETACHED)) {
          pairs.add(Arguments.of(from, to.equals(from) ? to + ":2" : to, ipv6));
        }
      }
    }
    return pairs.stream();
  }

  @ParameterizedTest(name = "{0} to {1}, IPv6 {2}")
  @MethodSource("pairs")
  void goesThereAndBackUnderLoad(String from, String to, boolean ipv6) throws Exception {
    topology.host().namespace().call(() -> moveUnderLoad(from, List.of(to, from), ipv6));
  }

  /** All four owners in turn, and no end of it while there is traffic. */
  @ParameterizedTest(name = "IPv6 {0}")
  @ValueSource(booleans = {false, true})
  void goesRoundUnderLoad(boolean ipv6) throws Exception {
    topology
        .host()
        .namespace()
        .call(
            () -> moveUnderLoad(HOST, List.of(HOST + ":2", DETACHED, DETACHED + ":2", HOST), ipv6));
  }

  /** What an adapter needs: no message half moved, no byte unread or unacknowledged. */
  @ParameterizedTest(name = "IPv6 {0}")
  @ValueSource(booleans = {false, true})
  void comesToRestUnderLoadForOwnersThatNeedIt(boolean ipv6) throws Exception {
    topology
        .host()
        .namespace()
        .call(() -> moveUnderLoad(HOST, List.of(DETACHED, HOST), ipv6, true));
  }

  private static boolean moveUnderLoad(String first, List<String> path, boolean ipv6)
      throws Exception {
    return moveUnderLoad(first, path, ipv6, false);
  }

  private static boolean moveUnderLoad(String first, List<String> path, boolean ipv6, boolean rest)
      throws Exception {
    LoadSide near = new LoadSide("moving end", BYTES, CHUNK_BYTES, true);
    LoadSide far = new LoadSide("peer", BYTES, CHUNK_BYTES, false);
    try (TcpPair tcp = connect(ipv6);
        Offramp offramp = Offramp.open(options(first, rest));
        Offramp peers = Offramp.open(options(HOST, false))) {
      FutureTask<RdmaConnection> responding =
          TcpPair.start(() -> peers.offload(tcp.far(), Mpa.responder().build(), far::prepare));
      RdmaConnection moving =
          offramp.offload(
              tcp.near(), Mpa.initiator().peerToPeer(Set.of(RtrKind.WRITE)).build(), near::prepare);
      TcpPair.join(responding);
      FutureTask<Boolean> peer = TcpPair.start(() -> far.run(near));
      FutureTask<Boolean> here = TcpPair.start(() -> near.run(far));
      int moves = 0;
      long pause = 0;
      long sum = 0;
      while (moves < MOVES) {
        // So much at each end that the next move comes in the middle of it.
        near.allow(STRIDE);
        far.allow(STRIDE);
        awaitProgress(near, far);
        String to = path.get(moves % path.size());
        long start = System.nanoTime();
        offramp.move(moving, to);
        long took = System.nanoTime() - start;
        pause = Math.max(pause, took);
        sum += took;
        moves++;
        assertThat(moving.ownerName()).isEqualTo(to);
      }
      near.allow(Integer.MAX_VALUE);
      far.allow(Integer.MAX_VALUE);
      assertThat(TcpPair.join(here)).isTrue();
      assertThat(TcpPair.join(peer)).isTrue();
      assertThat(near.difference(far) + far.difference(near)).isEmpty();
      System.out.printf(
          "%s -> %s, IPv6 %s: %d moves, %d us on average, longest %d us; longest without a"
              + " completion: %d ms here, %d ms at the peer%n",
          first,
          path,
          ipv6,
          moves,
          sum / moves / 1_000,
          pause / 1_000,
          near.longestSilenceNanos() / 1_000_000,
          far.longestSilenceNanos() / 1_000_000);
      moving.close();
      far.close();
    }
    return true;
  }

  /** Some of what was allowed has completed at both ends, and most has not. */
  private static void awaitProgress(LoadSide near, LoadSide far) {
    long nearBefore = near.completed();
    long farBefore = far.completed();
    while (near.completed() < nearBefore + 2 || far.completed() < farBefore + 2) {
      Thread.onSpinWait();
    }
  }

  private static OfframpOptions options(String rnic, boolean rest) {
    return OfframpOptions.builder()
        .rnic(rnic)
        .setting(DetachedNics.SETTING, nic.name())
        .setting("softiwarp.rest-on-arrival", rest ? "1" : "0")
        .drainTimeout(Duration.ofSeconds(30))
        .setting("softiwarp.receive-queue-entries", Integer.toString(QUEUE_ENTRIES))
        .build();
  }

  private static TcpPair connect(boolean ipv6) throws Exception {
    Topology.Node peer = topology.peer();
    StandardProtocolFamily family =
        ipv6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    InetAddress address = ipv6 ? peer.ipv6() : peer.ipv4();
    try (ServerSocketChannel listener =
        peer.namespace()
            .call(() -> ServerSocketChannel.open(family).bind(new InetSocketAddress(address, 0)))) {
      SocketChannel near = SocketChannel.open(family);
      near.connect(listener.getLocalAddress());
      return new TcpPair(near, listener.accept());
    }
  }
}

package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.provider.intel.ring.EventCode;
import dev.offramp.spi.RnicArrival;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections come to the device. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ArrivalTest {
  private static final int FIRST_QP = 3;
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";

  @ParameterizedTest
  @MethodSource(KINDS)
  void comesUpAndGoesDown(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      assertThat(bench.rnic().ownerName()).isEqualTo(kind.device().name());
      bench.closeClean();
      assertThat(bench.model().refusals()).isEmpty();
    }
  }

  static Stream<Arguments> agreements() {
    List<Arguments> all = new ArrayList<>();
    Bench.kinds()
        .forEach(kind -> {
          for (MpaRole role : MpaRole.values()) {
            for (RtrKind rtr : RtrKind.values()) {
              all.add(Arguments.of(kind, Agreement.of(role).rtr(rtr)));
            }
            all.add(Arguments.of(kind, Agreement.of(role).crc(false)));
            all.add(Arguments.of(kind, Agreement.of(role).revision(1)));
            all.add(Arguments.of(kind, Agreement.of(role).markers(true, false)));
            all.add(Arguments.of(kind, Agreement.of(role).markers(false, true)));
            all.add(Arguments.of(kind, Agreement.of(role).markers(true, true)));
            all.add(Arguments.of(kind, Agreement.of(role).depths(1, 1)));
          }
        });
    return all.stream();
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("agreements")
  void doesAllWork(AdapterModelFactory kind, Agreement agreement) throws Exception {
    move(kind, agreement.result(), connection -> connection);
  }

  static Stream<Arguments> paths() {
    return Bench.kinds()
        .flatMap(kind ->
            Stream.of(
                path(kind, "IPv6", SimulatedConnection.Builder::ipv6),
                path(kind, "VLAN", c -> c.vlan(new VlanTag(123, 5, false))),
                path(kind, "IPv6 and VLAN", c -> c.ipv6().vlan(new VlanTag(4094, 0, false))),
                path(kind, "no scales", c -> c.windowScales(0, 0).windows(65_535, 65_535)),
                path(kind, "large scales", c -> c.windowScales(14, 14).windows(1 << 24, 1 << 20)),
                path(kind, "small segments", c -> c.mssBytes(536)),
                path(kind, "sequences at the end", c -> c.sequences(-1, -1)),
                path(kind, "sequences at the sign", c -> c.sequences(1 << 31, 1 << 31))));
  }

  private static Arguments path(
      AdapterModelFactory kind, String name, UnaryOperator<SimulatedConnection.Builder> how) {
    return Arguments.of(kind, name, how);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("paths")
  void goesEveryPath(
      AdapterModelFactory kind, String name, UnaryOperator<SimulatedConnection.Builder> how)
      throws Exception {
    move(kind, Agreement.of(MpaRole.INITIATOR).rtr(RtrKind.WRITE).result(), how);
    move(kind, Agreement.of(MpaRole.RESPONDER).rtr(RtrKind.WRITE).result(), how);
  }

  private static void move(
      AdapterModelFactory kind, MpaResult mpa, UnaryOperator<SimulatedConnection.Builder> how)
      throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair = bench.move(how.apply(bench.connection()).build(), mpa)) {
        Exchange exchange = new Exchange(pair);
        if (mpa.role() == MpaRole.RESPONDER && mpa.rtr() == RtrKind.NONE) {
          // A Responder may not speak first, and there is no RTR indication.
          pair.connection().post(new Receive(1, exchange.in.whole()));
          pair.peer().send(1, exchange.peerMemory, 0, 1);
          exchange.success(1, 1);
          pair.peer().take();
        }
        exchange.sends();
        exchange.writes();
        exchange.reads();
        assertThat(pair.connection().end()).isEmpty();
      }
      bench.closeClean();
      assertThat(bench.model().refusals()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void sendsUnsentBytesOfTheHostFirst(AdapterModelFactory kind) throws Exception {
    byte[] unsent = "what the host had not sent".getBytes(StandardCharsets.US_ASCII);
    MpaResult mpa = Bench.mpa(MpaRole.RESPONDER, RtrKind.WRITE);
    try (Bench bench = new Bench(kind)) {
      SimulatedConnection connection = bench.connection().unsent(unsent).build();
      RnicArrival arrival = bench.rnic().arrive(Bench.described(connection, mpa));
      try (GoldenPeer peer = new GoldenPeer(bench.peerLoop, bench.clock, connection.peer());
          var moved = arrival.activate()) {
        assertThat(peer.awaitReply(unsent.length).reply()).isTrue();
        assertThat(peer.awaitStreamed(unsent.length)).startsWith(unsent);
        peer.enterRdma(Bench.mirrored(mpa));
        new Exchange(new Bench.Pair(moved, peer)).sends();
      }
      bench.closeClean();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void abandonsWithoutASegment(AdapterModelFactory kind) throws Exception {
    MpaResult mpa = Bench.mpa(MpaRole.RESPONDER, RtrKind.READ);
    try (Bench bench = new Bench(kind)) {
      var connection = bench.connection().build();
      long segments = bench.link.segmentCount();
      RnicArrival arrival = bench.rnic().arrive(Bench.described(connection, mpa));
      assertThat(bench.link.claimCount()).isEqualTo(1);
      var region = arrival.prepared().allocate(100, Access.REMOTE_READ);
      arrival.prepared().post(new Send(1, region.whole()));
      arrival.abandon();
      assertThat(bench.link.claimCount()).isZero();
      assertThat(bench.link.segmentCount()).isEqualTo(segments);
      bench.closeClean();
      assertThat(bench.model().refusals()).isEmpty();
    }
  }

  /** The device may say that TCP is dead before the driver has heard that the context is loaded. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void hearsOfADeathThatComesBeforeTheActivation(AdapterModelFactory kind) throws Exception {
    MpaResult mpa = Bench.mpa(MpaRole.INITIATOR, RtrKind.WRITE);
    try (Bench bench = new Bench(kind)) {
      RnicArrival arrival = bench.rnic().arrive(Bench.described(bench.connection().build(), mpa));
      bench.model().raiseEvent(FIRST_QP, EventCode.LLP_CONNECTION_RESET);
      bench.settle();
      assertThat(arrival.prepared().end()).isEmpty();
      try (var moved = arrival.activate()) {
        bench.settle();
        assertThat(moved.end()).containsInstanceOf(StreamEnd.Reset.class);
      }
      bench.closeClean();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void carriesSeveralConnections(AdapterModelFactory kind) throws Exception {
    MpaResult mpa = Bench.mpa(MpaRole.INITIATOR, RtrKind.WRITE);
    try (Bench bench = new Bench(kind)) {
      List<Bench.Pair> pairs = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        pairs.add(bench.move(bench.connection().ports(7471, 40_001 + i).build(), mpa));
      }
      for (int round = 0; round < 2; round++) {
        for (Bench.Pair pair : pairs) {
          new Exchange(pair).sends();
        }
      }
      pairs.forEach(Bench.Pair::close);
      bench.closeClean();
    }
  }
}

package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Departure;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.intel.IntelRoute;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.RnicException;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The host decides anew where frames of a running connection go, and how large they are. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RouteTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";
  private static final MacAddress OTHER = new MacAddress(0x0200_0000_7701L);
  private static final MacAddress THIRD = new MacAddress(0x0200_0000_7702L);

  private static MpaResult agreement() {
    return Agreement.of(MpaRole.INITIATOR).result();
  }

  private static IwarpConnectionDescriptor cached(
      Bench.Pair pair, UnaryOperator<IwarpConnectionDescriptor.Builder> change) {
    return change
        .apply(
            IwarpConnectionDescriptor.builder()
                .present(DescriptorFields.LOCAL_ADDRESS, pair.connection().localAddress(), "test")
                .present(
                    DescriptorFields.REMOTE_ADDRESS, pair.connection().remoteAddress(), "test"))
        .build();
  }

  private static IwarpConnectionDescriptor via(Bench.Pair pair, MacAddress mac) {
    return cached(pair, b -> b.present(DescriptorFields.NEXT_HOP_MAC, mac, "test"));
  }

  private static IwarpConnectionDescriptor mtu(Bench.Pair pair, int bytes) {
    return cached(pair, b -> b.present(DescriptorFields.PATH_MTU_BYTES, bytes, "test"));
  }

  /** One connection: its entry changes. Two: the one that is told gets another. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void framesGoToAnotherNeighbour(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair one = bench.move(bench.connection().build(), agreement())) {
        Exchange first = new Exchange(one);
        bench.rnic().update(one.connection(), via(one, OTHER));
        assertThat(bench.model().routes()).extracting(IntelRoute::nextHop).containsExactly(OTHER);
        assertThat(bench.model().resources().arpEntries()).isEqualTo(1);
        first.sends();
        try (Bench.Pair two =
            bench.move(bench.connection().ports(2000, 2001).build(), agreement())) {
          Exchange second = new Exchange(two);
          bench.rnic().update(two.connection(), via(two, OTHER));
          assertThat(bench.model().routes())
              .extracting(IntelRoute::nextHop)
              .containsExactly(OTHER, OTHER);
          assertThat(bench.model().resources().arpEntries()).isEqualTo(1);
          bench.rnic().update(two.connection(), via(two, THIRD));
          assertThat(bench.model().routes())
              .extracting(IntelRoute::nextHop)
              .containsExactlyInAnyOrder(OTHER, THIRD);
          // Once more with the same: nothing to do.
          bench.rnic().update(two.connection(), via(two, THIRD));
          assertThat(bench.model().resources().arpEntries()).isEqualTo(2);
          first.sends();
          second.sends();
          second.reads();
        }
        assertThat(bench.model().resources().arpEntries()).isEqualTo(1);
        try (Departure departure = bench.rnic().depart(one.connection())) {
          assertThat(departure.descriptor().value(DescriptorFields.NEXT_HOP_MAC)).isEqualTo(OTHER);
          // What it is told meanwhile counts when it resumes.
          bench.rnic().update(one.connection(), via(one, THIRD));
        }
        assertThat(bench.model().routes()).extracting(IntelRoute::nextHop).containsExactly(THIRD);
        first.sends();
      }
      bench.closeClean();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void segmentsAreNoLongerThanThePath(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair = bench.move(bench.connection().build(), agreement())) {
        Exchange exchange = new Exchange(pair);
        exchange.sends();
        int before = bench.model().routes().getFirst().segmentBytes();
        bench.rnic().update(pair.connection(), mtu(pair, 640));
        assertThat(bench.model().routes())
            .extracting(IntelRoute::segmentBytes)
            .containsExactly(600);
        exchange.sends();
        exchange.writes();
        try (Departure departure = bench.rnic().depart(pair.connection())) {
          assertThat(departure.descriptor().value(DescriptorFields.SEND_MSS_BYTES)).isEqualTo(600);
          assertThat(departure.descriptor().value(DescriptorFields.PATH_MTU_BYTES)).isEqualTo(640);
        }
        // No longer than the peer takes, however wide the path is.
        bench.rnic().update(pair.connection(), mtu(pair, 9000));
        assertThat(bench.model().routes())
            .extracting(IntelRoute::segmentBytes)
            .containsExactly(before);
        assertThatExceptionOfType(RnicException.class)
            .isThrownBy(() -> bench.rnic().update(pair.connection(), mtu(pair, 160)))
            .withMessageContaining("[120]");
        exchange.sends();
      }
      bench.closeClean();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whatItDoesNotTakeIsSaid(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      Bench.Pair pair = bench.move(bench.connection().build(), agreement());
      Exchange exchange = new Exchange(pair);
      assertThatExceptionOfType(RnicException.class)
          .isThrownBy(() ->
              bench
                  .rnic()
                  .update(
                      pair.connection(),
                      cached(
                          pair,
                          b ->
                              b.present(DescriptorFields.VLAN_TAG, new VlanTag(7, 0, false), "test")
                                  .present(DescriptorFields.NEXT_HOP_MAC, OTHER, "test"))))
          .withMessageContaining("VLAN");
      assertThat(bench.model().routes()).extracting(IntelRoute::nextHop).doesNotContain(OTHER);
      exchange.sends();
      bench.rnic().depart(pair.connection()).release();
      assertThatExceptionOfType(ConnectionMovedException.class)
          .isThrownBy(() -> bench.rnic().update(pair.connection(), via(pair, OTHER)));
      bench.closeClean();
      pair.peer().close();
    }
  }

  /** Each command fails once: the connection goes on as before, and takes the change later. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void aChangeMayFail(AdapterModelFactory kind) throws Exception {
    for (String place : new String[] {"intel.command.manage-arp", "intel.command.modify-qp"}) {
      OneFault fault = new OneFault(place, 1, 1, () -> {});
      boolean[] armed = new boolean[1];
      Faults faults = where -> armed[0] ? fault.at(where) : Faults.NO_FAULT;
      try (Bench bench = new Bench(kind, faults, seen -> seen)) {
        try (Bench.Pair one = bench.move(bench.connection().build(), agreement());
            Bench.Pair two =
                bench.move(bench.connection().ports(2000, 2001).build(), agreement())) {
          Exchange exchange = new Exchange(two);
          MacAddress before = bench.model().routes().getFirst().nextHop();
          armed[0] = true;
          assertThatExceptionOfType(RnicException.class)
              .as(place)
              .isThrownBy(() -> bench.rnic().update(two.connection(), via(two, OTHER)));
          armed[0] = false;
          assertThat(bench.model().routes())
              .extracting(IntelRoute::nextHop)
              .containsExactly(before, before);
          exchange.sends();
          bench.rnic().update(two.connection(), via(two, OTHER));
          assertThat(bench.model().routes())
              .extracting(IntelRoute::nextHop)
              .containsExactlyInAnyOrder(before, OTHER);
          exchange.sends();
          new Exchange(one).sends();
        }
        bench.closeClean();
      }
    }
  }
}

package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.intel.IntelResources;
import dev.offramp.spi.RnicArrival;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections come to the device. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ArrivalTest {
  @ParameterizedTest
  @MethodSource("dev.offramp.provider.intel.Bench#kinds")
  void comesUpAndGoesDown(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      assertThat(bench.rnic().ownerName()).isEqualTo(kind.device().name());
      bench.closeRnic();
      assertThat(bench.model().violations()).isEmpty();
      assertThat(bench.model().refusals()).isEmpty();
      assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
      assertThat(bench.window.memory().open()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.offramp.provider.intel.Bench#kinds")
  void initiatorSendsAndReceives(AdapterModelFactory kind) throws Exception {
    MpaResult mpa = Bench.mpa(MpaRole.INITIATOR, RtrKind.WRITE);
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair = bench.move(bench.connection().build(), mpa)) {
        exchange(pair);
      }
      bench.closeRnic();
      assertThat(bench.model().violations()).isEmpty();
      assertThat(bench.model().refusals()).isEmpty();
      assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
      assertThat(bench.window.memory().open()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.offramp.provider.intel.Bench#kinds")
  void responderSendsItsReplyFirst(AdapterModelFactory kind) throws Exception {
    MpaResult mpa = Bench.mpa(MpaRole.RESPONDER, RtrKind.WRITE);
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair = bench.move(bench.connection().build(), mpa)) {
        exchange(pair);
      }
      bench.closeRnic();
      assertThat(bench.model().violations()).isEmpty();
      assertThat(bench.model().refusals()).isEmpty();
      assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
      assertThat(bench.window.memory().open()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.offramp.provider.intel.Bench#kinds")
  void abandonsWithoutASegment(AdapterModelFactory kind) throws Exception {
    MpaResult mpa = Bench.mpa(MpaRole.RESPONDER, RtrKind.READ);
    try (Bench bench = new Bench(kind)) {
      var connection = bench.connection().build();
      long segments = bench.link.segmentCount();
      RnicArrival arrival = bench.rnic().arrive(Bench.described(connection, mpa));
      assertThat(bench.link.claimCount()).isEqualTo(1);
      arrival.prepared().allocate(100, Access.REMOTE_READ);
      arrival.abandon();
      assertThat(bench.link.claimCount()).isZero();
      assertThat(bench.link.segmentCount()).isEqualTo(segments);
      bench.closeRnic();
      assertThat(bench.model().violations()).isEmpty();
      assertThat(bench.model().refusals()).isEmpty();
      assertThat(bench.model().resources()).isEqualTo(IntelResources.NONE);
      assertThat(bench.window.memory().open()).isEmpty();
    }
  }

  private static void exchange(Bench.Pair pair) throws Exception {
    MemoryRegion out = pair.connection().allocate(1 << 16);
    MemoryRegion in = pair.connection().allocate(1 << 16);
    for (int i = 0; i < out.sizeBytes(); i++) {
      out.segment().set(ValueLayout.JAVA_BYTE, i, (byte) (31 * i));
    }
    Region peerIn = pair.peer().register(1 << 16);
    pair.peer().receive(1, peerIn, 0, 1 << 16);
    pair.connection().post(new Receive(7, in.whole()));
    pair.connection().post(new Send(8, out.whole()));
    Completion sent = pair.connection().completions().take();
    assertThat(sent.id()).isEqualTo(8);
    assertThat(sent.status()).isEqualTo(CompletionStatus.SUCCESS);
    assertThat(pair.peer().take().bytes()).isEqualTo(1 << 16);
    assertThat(peerIn.segment().mismatch(out.segment())).isEqualTo(-1);
    pair.peer().send(2, peerIn, 0, 50_000);
    Completion received = pair.connection().completions().take();
    assertThat(received.id()).isEqualTo(7);
    assertThat(received.bytes()).isEqualTo(50_000);
    assertThat(in.segment().asSlice(0, 50_000).mismatch(out.segment().asSlice(0, 50_000)))
        .isEqualTo(-1);
  }
}

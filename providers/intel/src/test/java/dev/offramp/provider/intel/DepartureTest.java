package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.spi.ConnectionMovedException;
import dev.offramp.spi.port.StreamPort;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection is given up, or nearly. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class DepartureTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";

  /** MPA's length, an untagged header, ten bytes, MPA's padding and CRC. */
  private static final int FPDU_OF_TEN_BYTES = 2 + 18 + 10 + 2 + 4;

  private static MpaResult withoutReads(MpaRole role) {
    return Agreement.of(role).depths(0, 0).result();
  }

  private static void refused(Bench bench, Bench.Pair pair, RefusalReason reason) {
    assertThatExceptionOfType(TransferException.class)
        .isThrownBy(() -> bench.rnic().depart(pair.connection()))
        .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER))
        .satisfies(
            e -> assertThat(e.refusals()).extracting(Refusal::reason).containsExactly(reason));
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void itGoesOnHere(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = new Bench(kind)) {
        try (Bench.Pair pair = bench.move(bench.connection().build(), withoutReads(role))) {
          Exchange exchange = new Exchange(pair);
          exchange.sends();
          long segments = bench.link.segmentCount();
          try (Departure departure = bench.rnic().depart(pair.connection())) {
            assertThat(departure.descriptor().value(DescriptorFields.IWARP_PHASE))
                .isEqualTo(IwarpPhase.RDMA);
            assertThat(bench.link.segmentCount()).isEqualTo(segments);
          }
          exchange.sends();
          exchange.writes();
          Departure again = bench.rnic().depart(pair.connection());
          again.resume();
          again.close();
          exchange.sends();
        }
        bench.closeClean();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void theNextOwnerGoesOn(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = new Bench(kind)) {
        SimulatedConnection tcp = bench.connection().build();
        Bench.Pair pair = bench.move(tcp, withoutReads(role));
        Exchange exchange = new Exchange(pair);
        exchange.sends();
        exchange.writes();
        long segments = bench.link.segmentCount();
        Departure departure = bench.rnic().depart(pair.connection());
        IwarpConnectionDescriptor described = departure.descriptor();
        // Three Sends of each end: two in sends() and writes().
        assertThat(described.value(DescriptorFields.SEND_MSN)).isEqualTo(3);
        assertThat(described.value(DescriptorFields.RECEIVE_MSN)).isEqualTo(3);
        assertThat(described.value(DescriptorFields.REGIONS))
            .extracting(RegisteredMemory::stag)
            .containsExactlyInAnyOrder(exchange.in.stag(), exchange.out.stag());

        FutureTask<Completion> waiting = new FutureTask<>(pair.connection().completions()::take);
        Thread.ofVirtual().start(waiting);
        departure.release();
        assertThatExceptionOfType(ExecutionException.class)
            .isThrownBy(waiting::get)
            .withCauseInstanceOf(ConnectionMovedException.class);
        assertThatExceptionOfType(ConnectionMovedException.class)
            .isThrownBy(() -> pair.connection().post(new Send(1, exchange.out.whole())));
        assertThatExceptionOfType(ConnectionMovedException.class)
            .isThrownBy(() -> pair.connection().completions().poll());
        assertThatExceptionOfType(ConnectionMovedException.class)
            .isThrownBy(pair.connection()::end);
        assertThat(pair.connection().counters()).isNotEqualTo(RdmaCounters.ZERO);
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(departure::resume);
        assertThat(bench.link.segmentCount()).isEqualTo(segments);
        assertThat(bench.link.claimCount()).isZero();
        // What the application has is still there.
        assertThat(exchange.in.segment().mismatch(exchange.out.segment())).isEqualTo(-1);

        StreamPort host = tcp.resumeAtHost(described);
        Region theirs = pair.peer().register(10);
        pair.peer().send(3, theirs, 0, 10);
        assertThat(pair.peer().take().id()).isEqualTo(3);
        ByteBuffer[] into = {ByteBuffer.allocate(100)};
        assertThat(host.read(into, 0, 1)).isEqualTo(FPDU_OF_TEN_BYTES);
        assertThat(bench.rnic().counters().sent().messages(MessageKind.SEND)).isPositive();
        bench.closeClean();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whatIsNotQuietGoesOn(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair =
          bench.move(
              bench.connection().build(), Agreement.of(MpaRole.INITIATOR).depths(0, 16).result())) {
        Exchange exchange = new Exchange(pair);
        exchange.sends();
        // Receives, and completions that nobody has taken, keep nobody here.
        pair.connection().post(new Receive(1, exchange.in.whole()));
        pair.connection().post(new Receive(2, exchange.in.whole()));
        pair.peer().send(1, exchange.peerMemory, 0, 10);
        pair.peer().take();
        try (Departure departure = bench.rnic().depart(pair.connection())) {
          assertThat(departure.descriptor().value(DescriptorFields.COMPLETIONS))
              .extracting(Completion::id, Completion::bytes)
              .containsExactly(tuple(1L, 10L));
          assertThat(departure.descriptor().value(DescriptorFields.POSTED_RECEIVES))
              .extracting(PostedWork::id, PostedWork::lengthBytes)
              .containsExactly(tuple(2L, exchange.in.sizeBytes()));
        }
        exchange.success(1, 10);
        pair.peer().stall();
        pair.connection().post(new Read(3, exchange.in.slice(0, 10), exchange.advertised(10)));
        refused(bench, pair, RefusalReason.NOT_QUIET);
        pair.peer().goOn();
        exchange.success(3, 10);
        bench.rnic().depart(pair.connection()).resume();
        pair.connection().abort();
        refused(bench, pair, RefusalReason.CLOSED);
      }
      bench.closeClean();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void aClosedRnicHasNoStoppedConnections(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      Bench.Pair pair = bench.move(bench.connection().build(), withoutReads(MpaRole.INITIATOR));
      new Exchange(pair).sends();
      Departure departure = bench.rnic().depart(pair.connection());
      bench.closeRnic();
      assertThat(pair.connection().end()).get().isInstanceOf(StreamEnd.ClosedLocally.class);
      assertThatExceptionOfType(TransferException.class)
          .isThrownBy(departure::close)
          .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST));
      bench.closeClean();
    }
  }

  /** Each step fails once: it goes on here, or it is lost, and says so; nothing is left. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void eachStepMayFail(AdapterModelFactory kind) throws Exception {
    for (String place :
        List.of(
            "intel.command.suspend-qp",
            "intel.command.upload-context",
            "intel.upload.garbage",
            "intel.command.resume-qp",
            "window.allocate",
            "intel.control.doorbell",
            "intel.event.lost")) {
      OneFault[] fault = new OneFault[1];
      boolean[] armed = new boolean[1];
      Faults faults = where -> armed[0] ? fault[0].at(where) : Faults.NO_FAULT;
      try (Bench bench = new Bench(kind, faults, seen -> seen)) {
        fault[0] = new OneFault(place, 1, 1, bench::hurry);
        String outcome;
        try (Bench.Pair pair =
            bench.move(bench.connection().build(), withoutReads(MpaRole.INITIATOR))) {
          Exchange exchange = new Exchange(pair);
          exchange.sends();
          armed[0] = true;
          try {
            bench.rnic().depart(pair.connection()).resume();
            outcome = "resumed";
          } catch (TransferException e) {
            outcome = e.whereabouts().toString();
          }
          armed[0] = false;
          if (outcome.equals("LOST")) {
            assertThat(pair.connection().end()).get().isInstanceOf(StreamEnd.Failed.class);
          } else {
            exchange.sends();
          }
        }
        assertThat(outcome)
            .as(place)
            .isEqualTo(
                switch (place) {
                  case "intel.command.resume-qp" -> "LOST";
                  case "intel.control.doorbell", "intel.event.lost" -> "resumed";
                  default -> "OLD_OWNER";
                });
        bench.closeClean();
      }
    }
  }
}

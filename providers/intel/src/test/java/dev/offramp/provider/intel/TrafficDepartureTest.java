package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.SimulatedConnection;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection is given up while its peer sends all the time, and work of this end is posted. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
final class TrafficDepartureTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";
  private static final int MESSAGES = 100;
  private static final int OWN = 10;

  static DepartureNeeds within(Duration timeout) {
    return new DepartureNeeds(TcpResidence.NEW_OWNER, EnumSet.allOf(Quiet.class), timeout);
  }

  /** Two ends at work, and what has been seen of it. */
  private static final class Busy {
    final RdmaConnection connection;
    final MemoryRegion out;
    final MemoryRegion in;
    final MemoryRegion messages;
    final Region theirs;
    final Flood flood;
    final List<Completion> seen = new ArrayList<>();

    Busy(Bench.Pair pair, boolean reads) throws Exception {
      connection = pair.connection();
      out = connection.allocate(Exchange.BYTES, Access.REMOTE_READ);
      in = connection.allocate(Exchange.BYTES, Access.REMOTE_WRITE);
      messages = connection.allocate((long) MESSAGES * Flood.MESSAGE_BYTES);
      theirs = pair.peer().register(Exchange.BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      Exchange.fill(out.segment(), 1);
      for (int i = 0; i < MESSAGES; i++) {
        connection.post(
            new Receive(i, messages.slice((long) i * Flood.MESSAGE_BYTES, Flood.MESSAGE_BYTES)));
      }
      flood = new Flood(pair.peer(), in, out, MESSAGES, reads);
    }

    /** Sends are left out: the peer's completions are the flood's. */
    void postOwn() throws Exception {
      RemoteBuffer there =
          new RemoteBuffer(theirs.stag(), theirs.taggedOffset(), theirs.sizeBytes());
      for (int i = 0; i < OWN; i++) {
        connection.post(new Write(1000 + i, out.whole(), there));
        connection.post(
            new Read(
                2000 + i,
                in.slice(0, 10),
                new RemoteBuffer(there.stag(), there.taggedOffset(), 10)));
      }
    }

    MemorySegment memoryOf(int stag) {
      return Stream.of(out, in, messages)
          .filter(region -> region.stag() == stag)
          .findFirst()
          .orElseThrow()
          .segment();
    }

    /** The peer's messages came once each, in order; so did completions of what was posted. */
    void check() {
      assertThat(seen).allMatch(Completion::isSuccess);
      List<Long> receives =
          seen.stream()
              .filter(one -> one.operation() == Operation.RECEIVE)
              .map(Completion::id)
              .toList();
      assertThat(receives).hasSize(MESSAGES).isSorted().doesNotHaveDuplicates();
      for (int i = 0; i < MESSAGES; i++) {
        assertThat(Flood.number(messages.segment(), (long) i * Flood.MESSAGE_BYTES)).isEqualTo(i);
      }
      List<Long> own =
          seen.stream()
              .filter(one -> one.operation() != Operation.RECEIVE)
              .map(Completion::id)
              .toList();
      List<Long> expected = new ArrayList<>();
      for (long i = 0; i < OWN; i++) {
        expected.add(1000 + i);
        expected.add(2000 + i);
      }
      assertThat(own).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void theNextOwnerGoesOnUnderLoad(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      for (RtrKind rtr : RtrKind.values()) {
        theNextOwnerGoesOn(kind, Agreement.of(role).rtr(rtr).result());
      }
    }
  }

  private static void theNextOwnerGoesOn(AdapterModelFactory kind, MpaResult mpa) throws Exception {
    try (Bench bench = new Bench(kind)) {
      SimulatedConnection tcp = bench.connection().build();
      Bench.Pair pair = bench.move(tcp, mpa);
      Busy busy = new Busy(pair, /* reads= */ true);
      if (mpa.rtr() == RtrKind.NONE && mpa.role() == MpaRole.INITIATOR) {
        // A Responder must be spoken to first.
        busy.connection.post(
            new Write(
                999,
                busy.out.slice(0, 1),
                new RemoteBuffer(busy.theirs.stag(), busy.theirs.taggedOffset(), 1)));
        assertThat(busy.connection.completions().take().id()).isEqualTo(999);
      }
      busy.flood.start();
      // Some of it has happened, and has been seen.
      for (int i = 0; i < 5; i++) {
        busy.seen.add(busy.connection.completions().take());
      }
      busy.postOwn();
      Departure departure = bench.rnic().depart(busy.connection, within(Duration.ofSeconds(60)));
      IwarpConnectionDescriptor d = departure.descriptor();
      assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.RDMA);
      assertThat(d.isKnown(DescriptorFields.READ_RESPONSE_MSN)).isFalse();
      assertThat(d.value(DescriptorFields.PEER_HEARD)).isTrue();
      assertThat(d.value(DescriptorFields.READY_TO_RECEIVE_SENT)).isTrue();
      busy.seen.addAll(d.value(DescriptorFields.COMPLETIONS));
      int receives = d.value(DescriptorFields.POSTED_RECEIVES).size();
      departure.release();
      assertThat(bench.link.claimCount()).isZero();
      try (NextOwner next = new NextOwner(bench, tcp, d, mpa, busy::memoryOf)) {
        // This end's numbers go on, too.
        next.post(engine ->
            engine.postRead(
                3000,
                next.region(busy.in.stag()),
                0,
                10,
                busy.theirs.stag(),
                busy.theirs.taggedOffset()));
        busy.flood.finish();
        boolean hasRead = false;
        for (int i = 0; i < receives + 1; i++) {
          Completion completion = next.take();
          if (completion.id() == 3000) {
            assertThat(completion.isSuccess()).isTrue();
            hasRead = true;
          } else {
            busy.seen.add(completion);
          }
        }
        assertThat(hasRead).isTrue();
        // A Send of each end: the numbers of queue 0.
        pair.peer().receive(1, busy.theirs, 0, 100);
        next.post(engine ->
            engine.postSend(
                1, new LocalBuffers(1).add(next.region(busy.out.stag()), 0, 100), false, false, 0));
        assertThat(pair.peer().take().isSuccess()).isTrue();
        busy.check();
        busy.flood.check();
      }
      bench.closeClean();
      pair.peer().close();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void itGoesOnHereUnderLoad(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = new Bench(kind)) {
        try (Bench.Pair pair =
            bench.move(bench.connection().build(), Agreement.of(role).result())) {
          Busy busy = new Busy(pair, /* reads= */ true);
          busy.flood.start();
          busy.seen.add(busy.connection.completions().take());
          busy.postOwn();
          for (int i = 0; i < 5; i++) {
            bench.rnic().depart(busy.connection, within(Duration.ofSeconds(60))).resume();
          }
          while (busy.seen.size() < MESSAGES + 2 * OWN) {
            busy.seen.add(busy.connection.completions().take());
            if (busy.seen.size() % 20 == 0) {
              bench.rnic().depart(busy.connection, within(Duration.ofSeconds(60))).resume();
            }
          }
          busy.flood.finish();
          busy.check();
          busy.flood.check();
        }
        bench.closeClean();
      }
    }
  }

  /** A Read that is not answered in time. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void workThatTakesTooLongKeepsItHere(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result())) {
        Busy busy = new Busy(pair, /* reads= */ true);
        pair.peer().stall();
        busy.postOwn();
        assertThatExceptionOfType(TransferException.class)
            .isThrownBy(() -> bench.rnic().depart(busy.connection, within(Duration.ofMillis(50))))
            .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER))
            .satisfies(e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.NOT_QUIET));
        pair.peer().goOn();
        busy.flood.start();
        busy.flood.finish();
        while (busy.seen.size() < MESSAGES + 2 * OWN) {
          busy.seen.add(busy.connection.completions().take());
        }
        busy.check();
      }
      bench.closeClean();
    }
  }

  /** Half of a message of the peer's has come, and the rest does not. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void halfAMessageKeepsItHere(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      try (Bench.Pair pair =
          bench.move(bench.connection().build(), Agreement.of(MpaRole.INITIATOR).result())) {
        Exchange exchange = new Exchange(pair);
        exchange.sends();
        // The first half of an FPDU with six octets of payload.
        pair.peer().raw(new byte[] {0, 24});
        assertThatExceptionOfType(TransferException.class)
            .isThrownBy(() -> bench.rnic().depart(pair.connection(), within(Duration.ofMillis(20))))
            .satisfies(e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.NOT_QUIET));
        assertThat(pair.connection().end()).isEmpty();
        // Output goes on; the peer cannot end what it has begun.
        pair.connection().post(new Write(5, exchange.out.slice(0, 10), exchange.advertised(10)));
        exchange.success(5, 10);
        pair.connection().abort();
      }
      bench.closeClean();
    }
  }

  /** As one that has just been offloaded: so another adapter takes it. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void anUntouchedConnectionIsOneThatHasBeenStarted(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      RtrKind rtr = role == MpaRole.INITIATOR ? RtrKind.NONE : RtrKind.WRITE;
      MpaResult mpa = Agreement.of(role).rtr(rtr).result();
      try (Bench bench = new Bench(kind)) {
        SimulatedConnection tcp = bench.connection().build();
        Bench.Pair pair = bench.moveSilently(tcp, mpa);
        MemoryRegion in = pair.connection().allocate(100);
        pair.connection().post(new Receive(5, in.slice(10, 50)));
        Departure departure = bench.rnic().depart(pair.connection());
        IwarpConnectionDescriptor d = departure.descriptor();
        assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.STARTED);
        for (var key : DescriptorFields.streamPosition()) {
          assertThat(d.isKnown(key)).as("%s", key).isFalse();
        }
        assertThat(d.value(DescriptorFields.POSTED_RECEIVES)).hasSize(1);
        departure.release();
        pair.peer().enterRdma(Bench.mirrored(mpa));
        try (NextOwner next = new NextOwner(bench, tcp, d, mpa, stag -> in.segment())) {
          Region theirs = pair.peer().register(10);
          if (role == MpaRole.INITIATOR) {
            pair.peer().receive(1, theirs, 0, 10);
            next.post(engine -> engine.postSend(9, new LocalBuffers(1), false, false, 0));
            assertThat(pair.peer().take().isSuccess()).isTrue();
            assertThat(next.take().id()).isEqualTo(9);
          }
          pair.peer().send(2, theirs, 0, 10);
          assertThat(next.take().id()).isEqualTo(5);
        }
        bench.closeClean();
        pair.peer().close();
      }
    }
  }
}

package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.RnicArrival;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams in RDMA mode on which nothing but Writes has flowed come to the chip. */
@Timeout(120)
class MidStreamTest {
  private static final int SIZE = 2 * BusyPeer.HALF + 10_000;
  private static final int PAGE_BYTES = 4096;

  /** Chips, roles and indications that are no message. */
  static Stream<Arguments> kinds() {
    return Stream.of(ChelsioChip.values())
        .flatMap(chip ->
            Stream.of(MpaRole.values())
                .flatMap(role ->
                    Stream.of(RtrKind.NONE, RtrKind.WRITE)
                        .map(rtr -> Arguments.of(chip, role, rtr))));
  }

  /** The peer writes all the time; what was posted before activation is done behind it. */
  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnWhereItStood(ChelsioChip chip, MpaRole role, RtrKind rtr) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Arena arena = Arena.ofShared()) {
      MemorySegment memory = arena.allocate(SIZE, PAGE_BYTES);
      Pair pair = Pair.spec(bench).role(role).rtr(rtr).depths(0, 4).connect();
      MemoryRegion near = pair.host().register(memory, Access.REMOTE_READ, Access.REMOTE_WRITE);
      Patterns.fill(memory.asSlice(BusyPeer.HALF), 3);
      Region far = pair.peer().register(SIZE, Access.REMOTE_READ, Access.REMOTE_WRITE);
      try (BusyPeer busy = new BusyPeer(pair.peer(), near.advertise(), false, 4)) {
        writeAndWait(pair.host(), near, far);
        Departure departure = bench.rnic().depart(pair.host());
        IwarpConnectionDescriptor d = departure.descriptor();
        assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.RDMA);
        assertThat(bench.rnic().admits(ConnectionProfile.of(d)).isAdmitted()).isTrue();
        departure.release();
        assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);

        RnicArrival arrival = bench.rnic().arrive(d, any -> memory);
        MemoryRegion here = at(arrival, near.stag());
        assertThat(here.taggedOffset()).isEqualTo(near.taggedOffset());
        pair.peer().receive(77, far, 0, 1000);
        RdmaConnection prepared = arrival.prepared();
        prepared.post(new Receive(1, here.slice(2L * BusyPeer.HALF, 5000)));
        prepared.post(new Write(2, here.slice(BusyPeer.HALF, 900), at(far, 0, 900)));
        prepared.post(new Send(3, here.slice(BusyPeer.HALF, 1000)));
        prepared.post(new Read(4, here.slice(2L * BusyPeer.HALF + 5000, 700), at(far, 0, 700)));
        bench.chipLoop().run(() -> {});
        assertThat(prepared.completions().poll()).isEmpty();

        RdmaConnection host = arrival.activate();
        assertThat(host.completions().take()).isEqualTo(Patterns.done(2, Operation.WRITE, 900));
        assertThat(host.completions().take()).isEqualTo(Patterns.done(3, Operation.SEND, 1000));
        assertThat(host.completions().take()).isEqualTo(Patterns.done(4, Operation.READ, 700));
        busy.allow(1);
        assertThat(host.completions().take())
            .isEqualTo(Patterns.done(1, Operation.RECEIVE, BusyPeer.MESSAGE));
        busy.finish();
        // What comes behind the last Write says that it is there.
        host.post(new Receive(5, here.slice(2L * BusyPeer.HALF, 5000)));
        bench.chipLoop().run(() -> {});
        pair.peer().send(6, far, 0, 10);
        assertThat(host.completions().take()).isEqualTo(Patterns.done(5, Operation.RECEIVE, 10));
        assertThat(memory.asSlice(0, BusyPeer.HALF).mismatch(busy.source())).isEqualTo(-1);
        assertThat(
                MemorySegment.mismatch(
                    far.segment(), 0, 1000, memory, BusyPeer.HALF, BusyPeer.HALF + 1000))
            .isEqualTo(-1);
        // Now it has numbers, and leaves with them.
        try (Departure again = bench.rnic().depart(host)) {
          assertThat(again.descriptor().value(DescriptorFields.SEND_MSN)).isEqualTo(2);
          assertThat(again.descriptor().value(DescriptorFields.READ_REQUEST_MSN)).isEqualTo(2);
          assertThat(again.descriptor().value(DescriptorFields.RECEIVE_MSN)).isEqualTo(3);
          assertThat(again.descriptor().value(DescriptorFields.MPA_SEND_START))
              .isEqualTo(d.value(DescriptorFields.MPA_SEND_START));
          assertThat(again.descriptor().value(DescriptorFields.PEER_HEARD)).isTrue();
          assertThat(again.descriptor().value(DescriptorFields.REGIONS))
              .containsExactly(
                  new RegisteredMemory(
                      near.stag(),
                      near.taggedOffset(),
                      SIZE,
                      Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE),
                      true));
        }
        pair.peer().close();
        host.close();
      }
      bench.assertClean();
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** A region that was revoked before is remembered: work that names it says so. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void remembersRevokedRegions(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Arena arena = Arena.ofShared()) {
      Stopped stopped = new Stopped(bench, arena);
      RegisteredMemory revoked =
          new RegisteredMemory(0x7654_3210, 99, 500, Set.of(Access.REMOTE_READ), false);
      IwarpConnectionDescriptor d =
          stopped.descriptor.toBuilder()
              .present(DescriptorFields.REGIONS, List.of(stopped.region(), revoked), "the test")
              .build();
      RnicArrival arrival = bench.rnic().arrive(d, any -> stopped.memory);
      MemoryRegion here = at(arrival, revoked.stag());
      assertThat(here.isValid()).isFalse();
      assertThat(here.sizeBytes()).isEqualTo(500);
      arrival.prepared().post(new Send(1, here.slice(0, 10)));
      RdmaConnection host = arrival.activate();
      assertThat(host.completions().take())
          .isEqualTo(Patterns.completion(1, Operation.SEND, CompletionStatus.INVALID_REGION, 0));
      writeAndWait(host, at(arrival, stopped.region().stag()), stopped.far);
      here.close();
      stopped.pair.peer().close();
      host.close();
      bench.assertClean();
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** An STag that somebody has, or that the table does not: typed, and nothing is left behind. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void keepsStagsOrRefuses(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Arena arena = Arena.ofShared()) {
      Stopped stopped = new Stopped(bench, arena);
      RegisteredMemory region = stopped.region();
      Usage before = bench.driverUsage();
      int memories = bench.memory().open().size();
      RegisteredMemory beyond =
          new RegisteredMemory(0xFFFF_FF01, region.taggedOffset(), SIZE, region.access(), true);
      RegisteredMemory elsewhere =
          new RegisteredMemory(
              region.stag(), region.taggedOffset() + 8, SIZE, region.access(), true);
      RegisteredMemory atomic =
          new RegisteredMemory(
              region.stag(), region.taggedOffset(), SIZE, Set.of(Access.REMOTE_ATOMIC), true);
      assertThat(reasons(stopped, with(stopped, region, beyond)))
          .containsExactly(RefusalReason.NO_RESOURCES);
      assertThat(reasons(stopped, with(stopped, elsewhere)))
          .containsExactly(RefusalReason.NO_RESOURCES);
      assertThat(reasons(stopped, with(stopped, atomic)))
          .containsExactly(RefusalReason.UNSUPPORTED);
      // Two STags of one index.
      RegisteredMemory twin =
          new RegisteredMemory(
              region.stag() ^ 1, region.taggedOffset(), SIZE, region.access(), true);
      assertThat(reasons(stopped, with(stopped, region, twin)))
          .containsExactly(RefusalReason.NO_RESOURCES);
      assertThatThrownBy(() -> bench.rnic().arrive(stopped.descriptor))
          .isInstanceOfSatisfying(
              TransferException.class,
              e ->
                  assertThat(e.refusals().getFirst().reason())
                      .isEqualTo(RefusalReason.NO_RESOURCES));
      assertThat(bench.driverUsage()).isEqualTo(before);
      assertThat(bench.memory().open()).hasSize(memories);
      assertThat(bench.link().claimCount()).isZero();
      // Not wanted after all; and then it comes.
      bench.rnic().arrive(stopped.descriptor, any -> stopped.memory).abandon();
      assertThat(bench.driverUsage()).isEqualTo(before);
      RnicArrival arrival = bench.rnic().arrive(stopped.descriptor, any -> stopped.memory);
      RdmaConnection host = arrival.activate();
      writeAndWait(host, at(arrival, region.stag()), stopped.far);
      stopped.pair.peer().close();
      host.close();
      bench.assertClean();
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** Everything else is refused, when it is stopped and, as far as it is known, before. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void refusesWhatHasBegun(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Arena arena = Arena.ofShared()) {
      Stopped stopped = new Stopped(bench, arena);
      for (FieldKey<Long> number : DescriptorFields.messageNumbers()) {
        IwarpConnectionDescriptor second =
            stopped.descriptor.toBuilder().present(number, 2L, "the test").build();
        assertThat(reasons(stopped, second))
            .as("%s", number)
            .containsExactly(RefusalReason.UNSUPPORTED);
        ConnectionProfile running = running(second);
        assertThat(bench.rnic().admits(running).refusals())
            .singleElement()
            .satisfies(refusal -> {
              assertThat(refusal.seen()).isEqualTo(number.path() + " 2");
              assertThat(refusal.remedy()).contains("softiwarp");
            });
      }
      IwarpConnectionDescriptor unknown =
          stopped.descriptor.toBuilder()
              .absent(DescriptorFields.READ_RESPONSE_MSN, "nobody counts")
              .build();
      assertThat(reasons(stopped, unknown)).containsExactly(RefusalReason.FIELD_ABSENT);
      assertThat(bench.rnic().admits(running(unknown)).isAdmitted()).as("IRD 0").isTrue();
      assertThat(
              bench
                  .rnic()
                  .admits(running(unknown.toBuilder().present(DescriptorFields.IRD, 1, "").build()))
                  .isAdmitted())
          .isFalse();
      IwarpConnectionDescriptor markers =
          stopped.descriptor.toBuilder()
              .present(DescriptorFields.MPA_SEND_MARKERS, true, "the test")
              .build();
      assertThat(reasons(stopped, markers)).containsExactly(RefusalReason.MARKERS);
      assertThat(bench.rnic().admits(running(markers)).isAdmitted()).isFalse();
      assertThat(
              reasons(
                  stopped,
                  stopped.descriptor.toBuilder()
                      .present(DescriptorFields.READY_TO_RECEIVE_AWAITED, true, "the test")
                      .build()))
          .containsExactly(RefusalReason.NOT_QUIET);
      int stag = stopped.region().stag();
      PostedWork atomic =
          new PostedWork(
              1,
              Operation.FETCH_ADD,
              List.of(new MemorySlice(stag, 0, 8)),
              Optional.of(new RemoteBuffer(1, 0, 8)),
              false,
              OptionalInt.empty(),
              List.of(1L, 0L));
      assertThat(
              reasons(
                  stopped,
                  stopped.descriptor.toBuilder()
                      .present(DescriptorFields.POSTED_WORK, List.of(atomic), "the test")
                      .build()))
          .containsExactly(RefusalReason.UNSUPPORTED);
      stopped.pair.peer().close();
      bench.assertClean();
    }
  }

  private static ConnectionProfile running(IwarpConnectionDescriptor d) {
    IwarpConnectionDescriptor.Builder facts = d.toBuilder();
    for (FieldKey<?> key : OfStopped.KEYS) {
      absent(facts, key);
    }
    return new ConnectionProfile(facts.build(), 0, 0, 0, Set.of());
  }

  private static <T extends Object> void absent(
      IwarpConnectionDescriptor.Builder to, FieldKey<T> key) {
    to.absent(key, "it runs");
  }

  /** What only a stopped connection has. */
  private static final class OfStopped {
    private static final List<FieldKey<?>> KEYS =
        List.of(
            DescriptorFields.SND_UNA,
            DescriptorFields.SND_NXT,
            DescriptorFields.SND_MAX,
            DescriptorFields.RCV_NXT,
            DescriptorFields.RCV_WUP,
            DescriptorFields.UNACKNOWLEDGED,
            DescriptorFields.UNSENT,
            DescriptorFields.UNREAD,
            DescriptorFields.MPA_SEND_START,
            DescriptorFields.MPA_RECEIVE_START);

    private OfStopped() {}
  }

  private static IwarpConnectionDescriptor with(Stopped stopped, RegisteredMemory... regions) {
    return stopped.descriptor.toBuilder()
        .present(DescriptorFields.REGIONS, List.of(regions), "the test")
        .build();
  }

  private static List<RefusalReason> reasons(Stopped stopped, IwarpConnectionDescriptor d) {
    return assertThatThrownBy(() -> stopped.bench.rnic().arrive(d, any -> stopped.memory))
        .asInstanceOf(InstanceOfAssertFactories.throwable(TransferException.class))
        .actual()
        .refusals()
        .stream()
        .map(Refusal::reason)
        .toList();
  }

  private static MemoryRegion at(RnicArrival arrival, int stag) {
    return Objects.requireNonNull(arrival.regions().get(stag));
  }

  private static RemoteBuffer at(Region far, long offset, long length) {
    return GoldenPeer.advertise(far).slice(offset, length);
  }

  private static void writeAndWait(RdmaConnection host, MemoryRegion near, Region far)
      throws Exception {
    host.post(new Write(9, near.slice(0, 300), at(far, 0, 300)));
    Completion done = host.completions().take();
    assertThat(done).isEqualTo(Patterns.done(9, Operation.WRITE, 300));
  }

  /** A connection that has left the adapter, with a region and a Write behind it. */
  private static final class Stopped {
    private final Bench bench;
    private final Pair pair;
    private final MemorySegment memory;
    private final Region far;
    private final IwarpConnectionDescriptor descriptor;

    Stopped(Bench bench, Arena arena) throws Exception {
      this.bench = bench;
      this.memory = arena.allocate(SIZE, PAGE_BYTES);
      this.pair = Pair.spec(bench).role(MpaRole.INITIATOR).depths(0, 4).connect();
      MemoryRegion near = pair.host().register(memory, Access.REMOTE_READ, Access.REMOTE_WRITE);
      this.far = pair.peer().register(SIZE, Access.REMOTE_READ, Access.REMOTE_WRITE);
      writeAndWait(pair.host(), near, far);
      Departure departure = bench.rnic().depart(pair.host());
      this.descriptor = departure.descriptor();
      departure.release();
    }

    RegisteredMemory region() {
      return descriptor.value(DescriptorFields.REGIONS).getFirst();
    }
  }
}

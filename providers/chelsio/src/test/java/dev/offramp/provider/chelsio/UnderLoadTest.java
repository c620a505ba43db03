package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.WorkRequest;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.ConnectionMovedException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections leave the chip while both ends go on sending. */
@Timeout(120)
class UnderLoadTest {
  private static final int SIZE = 2 * BusyPeer.HALF + 8 * BusyPeer.MESSAGE;
  private static final int RECEIVES = 8;
  private static final DepartureNeeds PATIENT =
      new DepartureNeeds(
          TcpResidence.NEW_OWNER, EnumSet.allOf(Quiet.class), Duration.ofSeconds(60));

  static Stream<Arguments> kinds() {
    return Stream.of(ChelsioChip.values())
        .flatMap(chip -> Stream.of(MpaRole.values()).map(role -> Arguments.of(chip, role)));
  }

  /** Stopped and resumed, again and again. */
  @ParameterizedTest
  @MethodSource("kinds")
  void goesOnWithoutLosingAnything(ChelsioChip chip, MpaRole role) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(role).connect()) {
      MemoryRegion near = pair.host().allocate(SIZE, Access.REMOTE_READ, Access.REMOTE_WRITE);
      Patterns.fill(near.segment().asSlice(BusyPeer.HALF), 3);
      for (int i = 0; i < RECEIVES; i++) {
        pair.receive(receive(near, i));
      }
      try (BusyPeer busy = new BusyPeer(pair.peer(), near.advertise(), true, 11)) {
        busy.allow(RECEIVES);
        Application application = new Application(pair, near);
        FutureTask<Integer> work = new FutureTask<>(application::untilTold);
        Thread.ofPlatform().daemon().start(work);
        // Before the first FPDU it is no connection in RDMA mode.
        await(busy, work, () -> application.answered);
        for (int i = 0; i < 10; i++) {
          try (Departure departure = bench.rnic().depart(pair.host(), PATIENT)) {
            IwarpConnectionDescriptor d = departure.descriptor();
            assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.RDMA);
          }
        }
        application.over = true;
        assertThat(work.get()).isPositive();
        busy.finish();
        assertArrived(busy, near);
      }
      bench.assertClean();
    }
  }

  /** And taken away for good. */
  @ParameterizedTest
  @MethodSource("kinds")
  void leaves(ChelsioChip chip, MpaRole role) throws Exception {
    for (int seed = 1; seed < 6; seed++) {
      leaves(chip, role, seed);
    }
  }

  private static void leaves(ChelsioChip chip, MpaRole role, int seed) throws Exception {
    try (Bench bench = new Bench(chip).open()) {
      Pair pair = Pair.spec(bench).role(role).connect();
      MemoryRegion near = pair.host().allocate(SIZE, Access.REMOTE_READ, Access.REMOTE_WRITE);
      Patterns.fill(near.segment().asSlice(BusyPeer.HALF), 3);
      for (int i = 0; i < RECEIVES; i++) {
        pair.receive(receive(near, i));
      }
      try (BusyPeer busy = new BusyPeer(pair.peer(), near.advertise(), true, seed)) {
        busy.allow(RECEIVES);
        Application application = new Application(pair, near);
        FutureTask<Integer> work = new FutureTask<>(application::untilTold);
        Thread.ofPlatform().daemon().start(work);
        // An Initiator's peer may not speak before it, so it has to have begun.
        await(busy, work, () -> busy.sent() >= RECEIVES / 2 && application.begun);
        IwarpConnectionDescriptor d;
        try (Departure departure = bench.rnic().depart(pair.host(), PATIENT)) {
          d = departure.descriptor();
          assertThat(d.isKnown(DescriptorFields.READ_RESPONSE_MSN)).isFalse();
          departure.release();
        }
        assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
        work.get();
        try (NextOwner next =
            new NextOwner(
                bench, pair.wire().resumeAtHost(d), d, Map.of(near.stag(), near.segment()))) {
          busy.finish();
          assertArrived(busy, near);
          application.assertAllOnce(d, next, busy.sent());
        }
      }
      near.close();
      pair.peer().close();
      bench.assertClean();
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** A message that does not end in time: the connection goes on, and nothing is lost. */
  @ParameterizedTest
  @MethodSource("kinds")
  void halfAMessageIsWaitedForAndThenLeftAlone(ChelsioChip chip, MpaRole role) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(role).connect()) {
      MemoryRegion near = pair.host().allocate(SIZE, Access.REMOTE_WRITE);
      Region far = pair.peer().register(SIZE, Access.REMOTE_WRITE, Access.REMOTE_READ);
      Patterns.fill(far.segment(), 5);
      pair.receive(new Receive(1, near.slice(0, 10)));
      if (role == MpaRole.INITIATOR) {
        // A Responder may speak when it has heard something.
        pair.host().post(new Write(1, near.slice(0, 1), GoldenPeer.advertise(far)));
        assertThat(pair.host().completions().take().isSuccess()).isTrue();
      }
      pair.peer().send(1, far, 0, 10);
      assertThat(pair.host().completions().take().isSuccess()).isTrue();
      assertThat(pair.peer().take().isSuccess()).isTrue();
      // The first half of an FPDU that nobody will complete for now: a Send of 20 octets.
      byte[] fpdu = Fpdus.send(2, new byte[20]);
      pair.peer().raw(java.util.Arrays.copyOf(fpdu, 17));
      pair.receive(new Receive(2, near.slice(100, 100)));
      DepartureNeeds brief =
          new DepartureNeeds(
              TcpResidence.NEW_OWNER, EnumSet.allOf(Quiet.class), Duration.ofMillis(50));
      assertThatThrownBy(() -> bench.rnic().depart(pair.host(), brief))
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.NOT_QUIET));
      pair.peer().raw(java.util.Arrays.copyOfRange(fpdu, 17, fpdu.length));
      assertThat(pair.host().completions().take())
          .isEqualTo(Patterns.done(2, Operation.RECEIVE, 20));
      bench.rnic().depart(pair.host(), PATIENT).close();
      pair.host().post(new Write(3, near.slice(0, 100), GoldenPeer.advertise(far)));
      assertThat(pair.host().completions().take().isSuccess()).isTrue();
      bench.assertClean();
    }
  }

  /** Waits for {@code enough}, as long as both ends are at work. */
  private static void await(BusyPeer busy, FutureTask<Integer> work, BooleanSupplier enough)
      throws Exception {
    while (!enough.getAsBoolean()) {
      busy.requireNoFailure();
      if (work.isDone()) {
        throw new AssertionError("the application ended after completion " + work.get());
      }
      Thread.onSpinWait();
    }
  }

  private static Receive receive(MemoryRegion near, int number) {
    return new Receive(
        1000 + number,
        near.slice(2L * BusyPeer.HALF + (long) number * BusyPeer.MESSAGE, BusyPeer.MESSAGE));
  }

  private static void assertArrived(BusyPeer busy, MemoryRegion near) {
    MemorySegment here = near.segment();
    assertThat(here.asSlice(0, BusyPeer.HALF).mismatch(busy.source())).isEqualTo(-1);
    assertThat(here.asSlice(BusyPeer.HALF, BusyPeer.HALF).mismatch(busy.sink())).isEqualTo(-1);
    for (int i = 0; i < busy.sent(); i++) {
      MemorySegment sent =
          busy.source().asSlice(i * 7 % (BusyPeer.HALF - BusyPeer.MESSAGE), BusyPeer.MESSAGE);
      assertThat(
              here.asSlice(2L * BusyPeer.HALF + (long) i * BusyPeer.MESSAGE, BusyPeer.MESSAGE)
                  .mismatch(sent))
          .as("message " + i)
          .isEqualTo(-1);
    }
  }

  /** This end's application: posts and polls until its connection is another owner's. */
  private static final class Application {
    private final Pair pair;
    private final MemoryRegion near;
    private final Region far;
    private final List<Long> posted = new ArrayList<>();
    private final List<Long> completed = new ArrayList<>();
    private volatile boolean over;
    private volatile boolean begun;
    private volatile boolean answered;

    Application(Pair pair, MemoryRegion near) {
      this.pair = pair;
      this.near = near;
      this.far = pair.peer().register(BusyPeer.HALF, Access.REMOTE_READ, Access.REMOTE_WRITE);
      for (int i = 0; i < 20; i++) {
        pair.peer().receive(100_000 + i, far, 0, BusyPeer.HALF);
      }
    }

    /** How many requests have completed. */
    int untilTold() throws Exception {
      try {
        long id = 0;
        while (!over) {
          WorkRequest request = request(++id);
          pair.host().post(request);
          posted.add(request.id());
          begun = true;
          poll();
        }
        while (completed.stream().filter(each -> each < 1000).count() < posted.size()) {
          completed.add(pair.host().completions().take().id());
        }
      } catch (ConnectionMovedException e) {
        return completed.size();
      }
      return completed.size();
    }

    private void poll() throws Exception {
      // Some stay, so that they have to travel.
      if (posted.size() % 3 == 0 && pair.host().end().isEmpty()) {
        completed.add(pair.host().completions().take().id());
        // Its first request is a Read.
        answered = answered || completed.contains(1L);
      }
      while (posted.size() - completed.size() > 30) {
        completed.add(pair.host().completions().take().id());
      }
    }

    private WorkRequest request(long id) {
      int length = (int) (id * 977 % 9000);
      return switch ((int) (id % 8)) {
        case 0 ->
            id / 8 > 15
                ? new Write(id, near.slice(0, length), GoldenPeer.advertise(far))
                : new Send(id, near.slice(0, length));
        case 1 ->
            new Read(
                id, near.slice(2L * BusyPeer.HALF - 1, 0), GoldenPeer.advertise(far).slice(0, 0));
        default -> new Write(id, near.slice(0, length), GoldenPeer.advertise(far));
      };
    }

    /** Each request completes once: here, with the descriptor, or at the next owner. */
    void assertAllOnce(IwarpConnectionDescriptor d, NextOwner next, int messages) throws Exception {
      List<Long> all = new ArrayList<>(completed);
      d.value(DescriptorFields.COMPLETIONS).forEach(completion -> all.add(completion.id()));
      int expected = posted.size() + messages;
      while (all.size() < expected) {
        Completion completion = next.take();
        assertThat(completion.isSuccess()).isTrue();
        all.add(completion.id());
      }
      List<Long> wanted = new ArrayList<>(posted);
      for (long i = 0; i < messages; i++) {
        wanted.add(1000 + i);
      }
      assertThat(all).containsExactlyInAnyOrderElementsOf(wanted);
      assertThat(next.all()).isEmpty();
    }
  }
}

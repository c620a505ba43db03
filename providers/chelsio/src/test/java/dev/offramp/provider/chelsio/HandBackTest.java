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
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.Quiet;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.ConnectionMovedException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Connections leave the chip, when they are quiet. */
@Timeout(120)
class HandBackTest {
  private static final int BYTES = 4096;

  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void describesAndResumes(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      work(pair, near, far);
      Departure departure = bench.rnic().depart(pair.host());
      IwarpConnectionDescriptor d = departure.descriptor();
      assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.RDMA);
      assertThat(d.value(DescriptorFields.SEND_MSN)).isEqualTo(2);
      assertThat(d.value(DescriptorFields.READ_REQUEST_MSN)).isEqualTo(2);
      assertThat(d.value(DescriptorFields.RECEIVE_MSN)).isEqualTo(1);
      assertThat(d.isKnown(DescriptorFields.READ_RESPONSE_MSN)).isFalse();
      assertThat(d.value(DescriptorFields.SND_UNA)).isEqualTo(d.value(DescriptorFields.SND_MAX));
      assertThat(IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(d.toBytes()))).isEqualTo(d);
      // Who posts now waits.
      FutureTask<Void> post =
          new FutureTask<>(() -> {
            pair.host().post(new Write(9, near.slice(0, 10), GoldenPeer.advertise(far)));
            return null;
          });
      Thread.ofVirtual().start(post);
      assertThat(pair.host().counters().sent().messages(MessageKind.WRITE)).isZero();
      departure.close();
      post.get();
      assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(9, Operation.WRITE, 10));
      work(pair, near, far);
      bench.assertClean();
    }
  }

  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void releasesWithoutAWord(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      work(pair, near, far);
      Departure departure = bench.rnic().depart(pair.host());
      long segments = bench.link().segmentCount();
      departure.release();
      assertThat(bench.link().segmentCount()).isEqualTo(segments);
      assertThat(bench.link().claimCount()).isZero();
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      assertThat(pair.wire().resumeAtHost(departure.descriptor())).isNotNull();
      assertThat(pair.peer().isRunning()).isTrue();
      assertThat(bench.ends()).isEmpty();
      assertThatThrownBy(() -> pair.host().post(new Send(2, near.slice(0, 1))))
          .isInstanceOf(ConnectionMovedException.class);
      assertThatThrownBy(() -> pair.host().completions().poll())
          .isInstanceOf(ConnectionMovedException.class);
      assertThatThrownBy(pair.host()::end).isInstanceOf(ConnectionMovedException.class);
      assertThatThrownBy(pair.host()::disconnect).isInstanceOf(ConnectionMovedException.class);
      assertThatThrownBy(pair.host()::abort).isInstanceOf(ConnectionMovedException.class);
      assertThat(pair.host().counters().sent().messages(MessageKind.SEND)).isEqualTo(1);
      // The application closes its memory when it likes.
      near.segment().fill((byte) 1);
      near.close();
      assertThatThrownBy(departure::release).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(departure::resume).isInstanceOf(IllegalStateException.class);
      bench.assertClean();
    }
  }

  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void refusesWhileWorkIsUnderWay(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      pair.peer().stall();
      pair.host().post(new Read(1, near.slice(0, 10), GoldenPeer.advertise(far).slice(0, 10)));
      assertNotQuiet(bench, pair, Duration.ZERO);
      assertNotQuiet(bench, pair, Duration.ofMillis(20));
      pair.peer().goOn();
      assertThat(pair.host().completions().take().isSuccess()).isTrue();
      work(pair, near, far);
      bench.assertClean();
    }
  }

  private static void assertNotQuiet(Bench bench, Pair pair, Duration timeout) {
    assertThatThrownBy(() -> bench.rnic().depart(pair.host(), within(timeout)))
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> {
              assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.NOT_QUIET);
              assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER);
            });
  }

  private static DepartureNeeds within(Duration timeout) {
    return new DepartureNeeds(TcpResidence.NEW_OWNER, EnumSet.allOf(Quiet.class), timeout);
  }

  /** Nothing has flowed: another adapter can take it as though it came from the host. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void untouchedItIsAsItCame(ChelsioChip chip) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = new Bench(chip).open();
          Pair pair = Pair.spec(bench).role(role).connect()) {
        MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_READ);
        pair.receive(new Receive(7, near.slice(10, 20)));
        assertThat(bench.rnic().profile(pair.host()).facts().value(DescriptorFields.IWARP_PHASE))
            .isEqualTo(IwarpPhase.STARTED);
        try (Departure departure = bench.rnic().depart(pair.host(), DepartureNeeds.none())) {
          IwarpConnectionDescriptor d = departure.descriptor();
          assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.STARTED);
          for (FieldKey<?> key : DescriptorFields.streamPosition()) {
            assertThat(d.isKnown(key)).as("%s", key).isFalse();
          }
          assertThat(d.value(DescriptorFields.REGIONS))
              .containsExactly(
                  new RegisteredMemory(
                      near.stag(), near.taggedOffset(), BYTES, Set.of(Access.REMOTE_READ), true));
          assertThat(d.value(DescriptorFields.POSTED_RECEIVES))
              .singleElement()
              .satisfies(receive -> {
                assertThat(receive.id()).isEqualTo(7);
                assertThat(receive.buffers()).containsExactly(new MemorySlice(near.stag(), 10, 20));
              });
          assertThat(d.value(DescriptorFields.MPA_SEND_START))
              .isEqualTo(d.value(DescriptorFields.SND_MAX));
          assertThat(IwarpConnectionDescriptor.fromBytes(ByteBuffer.wrap(d.toBytes())))
              .isEqualTo(d);
        }
        bench.assertClean();
      }
    }
  }

  /** Completions that nobody has polled, Receives, regions: all of it is told, and stays here. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void whatTheApplicationHasTravels(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).depths(0, 4).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      MemoryRegion revoked = pair.host().allocate(100, Access.REMOTE_INVALIDATE);
      work(pair, near, far);
      pair.receive(new Receive(11, near.slice(0, 100)));
      pair.receive(new Receive(12, near.slice(100, 100)));
      pair.receive(new Receive(13, near.slice(200, 100)));
      pair.peer().send(1, far, 0, 60);
      pair.peer().send(2, far, 0, 0, true, revoked.stag());
      pair.host().post(new Write(14, near.slice(0, 10), GoldenPeer.advertise(far)));
      try (Departure departure = bench.rnic().depart(pair.host())) {
        IwarpConnectionDescriptor d = departure.descriptor();
        assertThat(d.value(DescriptorFields.COMPLETIONS))
            .containsExactlyInAnyOrder(
                Patterns.done(14, Operation.WRITE, 10),
                Patterns.done(11, Operation.RECEIVE, 60),
                new Completion(
                    12,
                    Operation.RECEIVE,
                    CompletionStatus.SUCCESS,
                    0,
                    true,
                    OptionalInt.of(revoked.stag()),
                    OptionalLong.empty()));
        assertThat(d.value(DescriptorFields.POSTED_RECEIVES))
            .extracting(PostedWork::id)
            .containsExactly(13L);
        assertThat(d.value(DescriptorFields.REGIONS))
            .containsExactlyInAnyOrder(
                new RegisteredMemory(
                    near.stag(), near.taggedOffset(), BYTES, Set.of(Access.REMOTE_WRITE), true),
                new RegisteredMemory(
                    revoked.stag(),
                    revoked.taggedOffset(),
                    100,
                    Set.of(Access.REMOTE_INVALIDATE),
                    false));
        assertThat(d.value(DescriptorFields.RECEIVE_MSN)).isEqualTo(3);
        assertThat(d.value(DescriptorFields.READ_RESPONSE_MSN)).as("IRD 0").isEqualTo(1);
        assertThat(d.value(DescriptorFields.SENT_OCTETS))
            .isEqualTo(
                d.value(DescriptorFields.SND_MAX) - d.value(DescriptorFields.MPA_SEND_START)
                    & 0xFFFF_FFFFL);
        assertThat(d.value(DescriptorFields.PEER_HEARD)).isTrue();
      }
      List<Long> polled = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        polled.add(pair.host().completions().take().id());
      }
      assertThat(polled).containsExactlyInAnyOrder(11L, 12L, 14L);
      work(pair, near, far);
      bench.assertClean();
    }
  }

  /** The adapter fails with what has been described: its next owner goes on with that. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void whatHasLeftHasNotEnded(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Departure departure = bench.rnic().depart(pair.host());
      bench.rnic().adapter().fail("broken on purpose");
      departure.release();
      assertThat(bench.ends()).isEmpty();
      assertThatThrownBy(pair.host()::end).isInstanceOf(ConnectionMovedException.class);
    }
  }

  /** The same, and it is to go on here: then it has ended, once. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void whatStaysHasEndedAfterAll(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Departure departure = bench.rnic().depart(pair.host());
      bench.rnic().adapter().fail("broken on purpose");
      assertThat(bench.ends()).isEmpty();
      try {
        departure.resume();
      } catch (TransferException e) {
        assertThat(e.whereabouts()).isEqualTo(Whereabouts.LOST);
      }
      StreamEnd end = new StreamEnd.Failed("broken on purpose");
      assertThat(pair.host().end()).contains(end);
      assertThat(bench.ends()).containsExactly(Map.entry(pair.host(), end));
      assertThat(bench.events()).doesNotContain("ended twice");
    }
  }

  /** A handler's own thread would wait for itself. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void notFromACompletionHandler(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      pair.host().post(new Write(1, near.slice(0, 10), GoldenPeer.advertise(far)));
      List<Throwable> seen = new ArrayList<>();
      pair.host()
          .completions()
          .take(
              (id, operation, status, bytes, detail) -> {
                try {
                  bench.rnic().depart(pair.host());
                } catch (TransferException e) {
                  seen.add(e);
                }
              },
              1);
      assertThat(seen)
          .singleElement()
          .isInstanceOfSatisfying(
              TransferException.class,
              e ->
                  assertThat(e.refusals().getFirst().reason())
                      .isEqualTo(RefusalReason.CHANNEL_IN_USE));
      work(pair, near, far);
      bench.assertClean();
    }
  }

  private static void work(Pair pair, MemoryRegion near, Region far) throws Exception {
    pair.peer().receive(1, far, 0, BYTES);
    pair.host().post(new Send(2, near.slice(0, 100)));
    assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(2, Operation.SEND, 100));
    assertThat(pair.peer().take().isSuccess()).isTrue();
    pair.host().post(new Read(3, near.slice(0, 100), GoldenPeer.advertise(far).slice(0, 100)));
    assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(3, Operation.READ, 100));
  }
}

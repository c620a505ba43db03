package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.api.transfer.DepartureNeeds;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.provider.chelsio.adapter.Usage;
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
      assertThat(IwarpConnectionDescriptor.fromBytes(java.nio.ByteBuffer.wrap(d.toBytes())))
          .isEqualTo(d);
      // What is posted now waits.
      pair.host().post(new Write(9, near.slice(0, 10), GoldenPeer.advertise(far)));
      bench.chipLoop().run(() -> {});
      assertThat(pair.host().completions().poll()).isEmpty();
      departure.close();
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
      assertThatThrownBy(() -> bench.rnic().depart(pair.host()))
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.NOT_QUIET));
      pair.peer().goOn();
      assertThat(pair.host().completions().take().isSuccess()).isTrue();
      work(pair, near, far);
      bench.assertClean();
    }
  }

  /** What a hand-back does not describe would be missing at the next owner. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void whatIsNotDescribedDoesNotMove(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      bench.rnic().depart(pair.host(), DepartureNeeds.none()).close();
      Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      assertUndescribed(bench, pair, "STags registered: 1");
      work(pair, near, far);
      near.close();
      // The peer has answered a Read, and so it may have sent some, too.
      assertUndescribed(bench, pair, "IRD");
      MemoryRegion again = pair.host().allocate(BYTES, Access.REMOTE_WRITE);
      work(pair, again, far);
      bench.assertClean();
    }
  }

  private static void assertUndescribed(Bench bench, Pair pair, String seen) {
    assertThatThrownBy(() -> bench.rnic().depart(pair.host(), DepartureNeeds.none()))
        .isInstanceOfSatisfying(
            TransferException.class,
            e -> {
              assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.UNSUPPORTED);
              assertThat(e.refusals().getFirst().seen()).contains(seen);
            });
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

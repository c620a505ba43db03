package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioFaults;
import dev.offramp.models.chelsio.ChelsioFaults.Command;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import dev.offramp.provider.chelsio.adapter.Usage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A chip that does not take back what a connection had: closing goes on all the same. */
@Timeout(120)
class GiveBackTest {
  private static final int FW_EINVAL = 22;

  private final AtomicBoolean refusing = new AtomicBoolean();

  private Faults refusing(String place) {
    return seen -> refusing.get() && seen.equals(place) ? FW_EINVAL : Faults.NO_FAULT;
  }

  @Test
  void closesThoughTheSourceAddressIsNotTakenBack() throws Exception {
    try (Bench bench =
        new Bench(ChelsioChip.T6, refusing(ChelsioFaults.command(Command.VI_MAC))).open()) {
      Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect();
      refusing.set(true);
      pair.close();
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      assertThat(bench.ends()).hasSize(1);
      bench.closeAndAssertNothingLeaks();
    }
  }

  @Test
  void closesThoughTheLocalAddressIsNotTakenBack() throws Exception {
    try (Bench bench =
        new Bench(ChelsioChip.T5, refusing(ChelsioFaults.command(Command.CLIP))).open()) {
      Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).wire(wire -> wire.ipv6()).connect();
      refusing.set(true);
      pair.close();
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** The memory stays allocated until the device is closed: the chip might still use it. */
  @Test
  void closesThoughStagsAreNotTakenBack() throws Exception {
    try (Bench bench =
        new Bench(ChelsioChip.T6, refusing(ChelsioFaults.request(Request.ULPTX_WR))).open()) {
      Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect();
      MemoryRegion first = pair.host().allocate(100);
      MemoryRegion second = pair.host().allocate(100);
      refusing.set(true);
      pair.close();
      assertThat(first.isValid()).isFalse();
      assertThat(second.isValid()).isFalse();
      assertThat(bench.driverUsage().stags()).isEqualTo(2);
      assertThat(bench.memory().leaks()).isNotEmpty();
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** Whoever moves connections off a failing adapter has to hear of it, and once. */
  @Test
  void saysOnceThatTheAdapterFails() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T5).open()) {
      Pair first = Pair.spec(bench).role(MpaRole.INITIATOR).connect();
      Pair second =
          Pair.spec(bench).role(MpaRole.INITIATOR).wire(wire -> wire.ports(1, 2)).connect();
      assertThat(bench.events()).noneMatch(event -> event.startsWith("failing"));
      bench.modelWindow().unplug();
      while (first.host().end().isEmpty() || second.host().end().isEmpty()) {
        bench.clock().jump(TimeUnit.SECONDS.toNanos(1));
        bench.driverLoop().run(() -> {});
      }
      first.close();
      second.close();
      bench.closeAndAssertNothingLeaks();
      assertThat(bench.events().stream().filter(event -> event.startsWith("failing")))
          .singleElement()
          .asString()
          .contains("registers read all ones");
    }
  }

  /**
   * Other connections go on, and what the chip might still use stays allocated until the device is
   * closed.
   */
  @Test
  void aStuckQueueHarmsNoOtherConnection() throws Exception {
    AtomicBoolean once = new AtomicBoolean();
    Faults stuck =
        seen ->
            seen.equals(ChelsioFaults.EGRESS_STUCK) && once.getAndSet(false) ? 1 : Faults.NO_FAULT;
    try (Bench bench = new Bench(ChelsioChip.T6, stuck).setting("reply-timeout-millis", 200)) {
      bench.open();
      Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect();
      MemoryRegion near = pair.host().allocate(100);
      Region far = pair.peer().register(100, Access.REMOTE_WRITE);
      int before = bench.memory().open().size();
      once.set(true);
      Pair.Spec other = Pair.spec(bench).role(MpaRole.INITIATOR).wire(wire -> wire.ports(1, 2));
      assertThatThrownBy(other::connect).isInstanceOf(TransferException.class);
      assertThat(bench.memory().open()).hasSizeGreaterThan(before);
      assertThat(bench.events()).noneMatch(event -> event.startsWith("failing"));
      pair.host().post(new Write(1, near.whole(), GoldenPeer.advertise(far)));
      assertThat(pair.host().completions().take().isSuccess()).isTrue();
      pair.close();
      bench.closeAndAssertNothingLeaks();
    }
  }
}

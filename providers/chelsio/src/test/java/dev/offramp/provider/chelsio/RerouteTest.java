package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.MacAddress;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Departure;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.Faults;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.models.chelsio.ChelsioFaults;
import dev.offramp.models.chelsio.ChelsioFaults.Request;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.RnicException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A running connection's next hop gets another MAC address; its tag and path MTU change. */
@Timeout(120)
class RerouteTest {
  private static final int BYTES = 4096;
  private static final MacAddress OTHER = new MacAddress(0x02_00_5e_10_00_77L);

  private static final VlanTag TAG = new VlanTag(42, 3, false);
  private final AtomicBoolean refusing = new AtomicBoolean();

  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void takesAnEntryOfItsOwnAndGivesTheOldOneBack(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES);
      write(pair, near, far);
      bench.rnic().update(pair.host(), to(pair.host(), OTHER));
      assertThat(bench.model().nextHopCount()).isEqualTo(2);
      assertThat(bench.driverUsage().nextHops()).isEqualTo(1);
      write(pair, near, far);
      // The same again costs nothing more.
      bench.rnic().update(pair.host(), to(pair.host(), OTHER));
      assertThat(bench.driverUsage().nextHops()).isEqualTo(1);
      Departure departure = bench.rnic().depart(pair.host());
      assertThat(departure.descriptor().value(DescriptorFields.NEXT_HOP_MAC)).isEqualTo(OTHER);
      departure.release();
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      // What has left is another owner's to tell.
      assertThatThrownBy(() -> bench.rnic().update(pair.host(), to(pair.host(), OTHER)))
          .isInstanceOf(RnicException.class)
          .hasMessageContaining("expected one that");
      bench.assertClean();
    }
  }

  /** The write of the table, and that of the control block. */
  @ParameterizedTest
  @EnumSource(
      value = Request.class,
      names = {"L2T_WRITE_REQ", "SET_TCB_FIELD"})
  void aRefusalIsToldAndTheConnectionGoesOn(Request refused) throws Exception {
    Faults faults = place -> refusing.get() && place.equals(ChelsioFaults.request(refused)) ? 1 : 0;
    try (Bench bench = new Bench(ChelsioChip.T6, faults).open()) {
      Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect();
      Region far = pair.peer().register(BYTES, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES);
      refusing.set(true);
      assertThatThrownBy(() -> bench.rnic().update(pair.host(), to(pair.host(), OTHER)))
          .isInstanceOf(RnicException.class)
          .hasMessageContaining(
              refused == Request.SET_TCB_FIELD ? "TCB.l2t_ix" : "CPL_L2T_WRITE_REQ");
      refusing.set(false);
      write(pair, near, far);
      bench.rnic().update(pair.host(), to(pair.host(), OTHER));
      write(pair, near, far);
      pair.close();
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** Another row of the MTU table, smaller and larger again; FPDUs follow. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void takesAnotherPathMtu(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      Region far = pair.peer().register(BYTES, Access.REMOTE_WRITE);
      MemoryRegion near = pair.host().allocate(BYTES);
      assertThat(bench.rnic().updates()).contains(DescriptorFields.PATH_MTU_BYTES);
      long whole = fpdusOfAWrite(pair, near, far);
      // The row for 576 octets: 536 of payload.
      bench.rnic().update(pair.host(), withMtu(pair.host(), 700));
      assertThat(fpdusOfAWrite(pair, near, far)).isGreaterThan(2 * whole);
      try (Departure departure = bench.rnic().depart(pair.host())) {
        assertThat(departure.descriptor().value(DescriptorFields.PATH_MTU_BYTES)).isEqualTo(576);
        assertThat(departure.descriptor().value(DescriptorFields.SEND_MSS_BYTES)).isEqualTo(536);
      }
      assertThatThrownBy(() -> bench.rnic().update(pair.host(), withMtu(pair.host(), 100)))
          .isInstanceOf(RnicException.class)
          .hasMessageContaining("path MTU of [100] bytes, expected");
      assertThat(fpdusOfAWrite(pair, near, far)).isGreaterThan(2 * whole);
      // No more than the peer takes.
      bench.rnic().update(pair.host(), withMtu(pair.host(), 9000));
      assertThat(fpdusOfAWrite(pair, near, far)).isEqualTo(whole);
      bench.assertClean();
    }
  }

  private static long fpdusOfAWrite(Pair pair, MemoryRegion near, Region far) throws Exception {
    long before = pair.peer().ask(engine -> engine.received().fpdus());
    pair.host().post(new Write(4, near.whole(), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take())
        .isEqualTo(Patterns.done(4, Operation.WRITE, BYTES));
    // What comes behind it says that it is there.
    pair.peer().receive(1, far, 0, 1);
    pair.host().post(new Send(5, near.slice(0, 1)));
    assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(5, Operation.SEND, 1));
    assertThat(pair.peer().take().isSuccess()).isTrue();
    return pair.peer().ask(engine -> engine.received().fpdus()) - before - 1;
  }

  private static IwarpConnectionDescriptor withMtu(RdmaConnection connection, int bytes) {
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, connection.localAddress(), "test")
        .present(DescriptorFields.REMOTE_ADDRESS, connection.remoteAddress(), "test")
        .present(DescriptorFields.PATH_MTU_BYTES, bytes, "test")
        .build();
  }

  /** Where the look-up engine compares the tag, no other can be taken. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void keepsATagThatIsCompared(ChelsioChip chip) throws Exception {
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).role(MpaRole.INITIATOR).connect()) {
      assertThat(bench.rnic().updates()).doesNotContain(DescriptorFields.VLAN_TAG);
      assertThatThrownBy(() -> bench.rnic().update(pair.host(), tagged(pair.host(), OTHER)))
          .isInstanceOf(RnicException.class)
          .hasMessageContaining("TP_VLAN_PRI_MAP");
      assertThat(bench.model().nextHopCount()).isEqualTo(1);
      assertThat(bench.driverUsage().nextHops()).isEqualTo(1);
      bench.assertClean();
    }
  }

  private static IwarpConnectionDescriptor tagged(RdmaConnection connection, MacAddress mac) {
    return to(connection, mac).toBuilder().present(DescriptorFields.VLAN_TAG, TAG, "test").build();
  }

  private static IwarpConnectionDescriptor to(RdmaConnection connection, MacAddress mac) {
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, connection.localAddress(), "test")
        .present(DescriptorFields.REMOTE_ADDRESS, connection.remoteAddress(), "test")
        .present(DescriptorFields.NEXT_HOP_MAC, mac, "test")
        .build();
  }

  private static void write(Pair pair, MemoryRegion near, Region far) throws Exception {
    pair.host().post(new Write(3, near.slice(0, 100), GoldenPeer.advertise(far).slice(0, 100)));
    assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(3, Operation.WRITE, 100));
  }
}

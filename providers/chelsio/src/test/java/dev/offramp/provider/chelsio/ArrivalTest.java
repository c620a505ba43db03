package dev.offramp.provider.chelsio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.InvalidDescriptorException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.chelsio.ChelsioChip;
import dev.offramp.provider.chelsio.adapter.Usage;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.port.StreamPort;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections of all kinds come to the chip; silent first, then alive. */
@Timeout(120)
class ArrivalTest {
  private static final int BYTES = 100_000;

  private static Arguments kind(String name, UnaryOperator<Pair.Spec> how) {
    return Arguments.of(name, how);
  }

  static Stream<Arguments> kinds() {
    return Stream.of(
        kind("plain", spec -> spec),
        kind("IPv6", spec -> spec.wire(wire -> wire.ipv6())),
        kind("VLAN", spec -> spec.wire(wire -> wire.vlan(new VlanTag(100, 5, false)))),
        kind("no CRC", spec -> spec.crc(false)),
        kind("markers", spec -> spec.markers(true, true)),
        kind("markers out", spec -> spec.markers(true, false)),
        kind("markers in", spec -> spec.markers(false, true)),
        kind("revision 1", spec -> spec.revision(1)),
        kind("depth 1", spec -> spec.depths(1, 1)),
        kind("depth 32", spec -> spec.depths(32, 32)),
        kind("RTR Write", spec -> spec.rtr(RtrKind.WRITE)),
        kind("RTR Read", spec -> spec.rtr(RtrKind.READ)),
        kind(
            "no scaling",
            spec -> spec.wire(wire -> wire.windowScales(0, 0).windows(65_535, 30_000))),
        kind("scale 14", spec -> spec.wire(wire -> wire.windowScales(14, 14))),
        kind("small MSS", spec -> spec.wire(wire -> wire.mssBytes(984))),
        kind(
            "sequence numbers at the edge",
            spec -> spec.wire(wire -> wire.sequences(-1, Integer.MAX_VALUE))));
  }

  static Stream<Arguments> kindsAndRoles() {
    return kinds()
        .flatMap(kind ->
            Arrays.stream(MpaRole.values())
                .map(role -> Arguments.of(kind.get()[0], kind.get()[1], role)));
  }

  @ParameterizedTest(name = "{0}, {2}")
  @MethodSource("kindsAndRoles")
  void arrivesAndWorks(String name, UnaryOperator<Pair.Spec> how, MpaRole role) throws Exception {
    ChelsioChip chip = name.length() % 2 == 0 ? ChelsioChip.T5 : ChelsioChip.T6;
    try (Bench bench = new Bench(chip).open()) {
      try (Pair pair = how.apply(Pair.spec(bench).role(role)).connect()) {
        exchange(pair, role);
        bench.assertClean();
      }
      bench.closeAndAssertNothingLeaks();
    }
  }

  /** A few messages each way, the Initiator first. */
  private static void exchange(Pair pair, MpaRole role) throws Exception {
    Region far = pair.peer().register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    MemoryRegion near = pair.host().allocate(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    Patterns.fill(far.segment(), 1);
    if (role == MpaRole.RESPONDER) {
      pair.receive(new Receive(1, near.whole()));
      pair.peer().send(1, far, 0, BYTES);
      assertThat(pair.host().completions().take())
          .isEqualTo(Patterns.done(1, Operation.RECEIVE, BYTES));
      assertThat(pair.peer().take().isSuccess()).isTrue();
    }
    Patterns.fill(near.segment(), 2);
    pair.host().post(new Write(2, near.whole(), GoldenPeer.advertise(far)));
    pair.host().post(new Read(3, near.whole(), GoldenPeer.advertise(far)));
    assertThat(pair.host().completions().take())
        .as(
            "after %s; %s",
            pair.host().end(), pair.peer().isRunning() ? "" : pair.peer().awaitEnd())
        .isEqualTo(Patterns.done(2, Operation.WRITE, BYTES));
    assertThat(pair.host().completions().take()).isEqualTo(Patterns.done(3, Operation.READ, BYTES));
    assertThat(far.segment().mismatch(Patterns.bytes(BYTES, 2))).isEqualTo(-1);
    assertThat(near.segment().mismatch(Patterns.bytes(BYTES, 2))).isEqualTo(-1);
    pair.peer().read(4, far, 0, near.advertise());
    assertThat(pair.peer().take().isSuccess()).isTrue();
  }

  /** Bytes that were never sent precede the Reply. */
  @ParameterizedTest
  @EnumSource(ChelsioChip.class)
  void sendsWhatWasUnsent(ChelsioChip chip) throws Exception {
    byte[] unsent = new byte[1000];
    Arrays.fill(unsent, (byte) 'n');
    try (Bench bench = new Bench(chip).open();
        Pair pair = Pair.spec(bench).wire(wire -> wire.unsent(unsent)).skip(1000).connect()) {
      assertThat(pair.peer().awaitStreamed(1000)).startsWith(unsent);
      exchange(pair, MpaRole.RESPONDER);
      bench.assertClean();
    }
  }

  @Test
  void isSilentUntilItIsActivated() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T6).open()) {
      Pair.Spec spec = Pair.spec(bench);
      SimulatedConnection wire = spec.lay();
      GoldenPeer peer = new GoldenPeer(bench.peerLoop(), bench.clock(), wire.peer());
      long before = bench.link().segmentCount();
      RnicArrival arrival = bench.rnic().arrive(spec.descriptor(wire));
      assertThat(bench.link().claimCount()).isEqualTo(1);
      MemoryRegion memory = arrival.prepared().allocate(4096, Access.REMOTE_WRITE);
      arrival.prepared().post(new Receive(1, memory.slice(0, 100)));
      arrival.prepared().post(new Send(2, memory.slice(100, 10)));
      bench.chipLoop().run(() -> {});
      assertThat(bench.link().segmentCount()).isEqualTo(before);
      try (Pair pair = spec.activate(arrival, wire, peer)) {
        Region far = peer.register(1000);
        peer.receive(3, far, 0, 1000);
        peer.send(4, far, 0, 50);
        assertThat(pair.host().completions().take())
            .isEqualTo(Patterns.done(1, Operation.RECEIVE, 50));
        assertThat(pair.host().completions().take())
            .isEqualTo(Patterns.done(2, Operation.SEND, 10));
        assertThatThrownBy(arrival::activate).isInstanceOf(IllegalStateException.class);
        arrival.abandon();
        assertThat(pair.host().end()).isEmpty();
        bench.assertClean();
      }
    }
  }

  @Test
  void isAbandonedWithoutAWord() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T5).open()) {
      Pair.Spec spec = Pair.spec(bench);
      SimulatedConnection wire = spec.lay();
      long before = bench.link().segmentCount();
      RnicArrival arrival = bench.rnic().arrive(spec.descriptor(wire));
      MemoryRegion memory = arrival.prepared().allocate(4096);
      arrival.prepared().post(new Receive(1, memory.whole()));
      arrival.close();
      assertThat(bench.link().segmentCount()).isEqualTo(before);
      assertThat(bench.link().claimCount()).isZero();
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      assertThat(memory.isValid()).isFalse();
      assertThat(arrival.prepared().end()).contains(new StreamEnd.ClosedLocally());
      // The old owner goes on.
      StreamPort host = wire.resumeAtHost(wire.descriptor());
      assertThat(host).isNotNull();
      bench.assertClean();
    }
  }

  /** Many at once, which share their next hop. */
  @Test
  void takesMany() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T6).open()) {
      List<Pair> pairs = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        int port = 10_000 + i;
        pairs.add(Pair.spec(bench).wire(wire -> wire.ports(port, 9)).connect());
      }
      assertThat(bench.driverUsage().nextHops()).isEqualTo(1);
      assertThat(bench.driverUsage().sourceMacs()).isEqualTo(1);
      assertThat(bench.driverUsage().tids()).isEqualTo(50);
      for (Pair pair : pairs) {
        exchange(pair, MpaRole.RESPONDER);
      }
      bench.assertClean();
      pairs.forEach(Pair::close);
      assertThat(bench.driverUsage()).isEqualTo(Usage.NONE);
      bench.closeAndAssertNothingLeaks();
    }
  }

  @Test
  void refusesWhatItCannotTake() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T6).open()) {
      Pair.Spec spec = Pair.spec(bench).wire(wire -> wire.timestamps());
      assertThatThrownBy(spec::connect)
          .isInstanceOfSatisfying(
              TransferException.class,
              e ->
                  assertThat(e.refusals())
                      .extracting(refusal -> refusal.reason())
                      .contains(RefusalReason.TIMESTAMPS));
      bench.rnic().close();
      assertThatThrownBy(() -> Pair.spec(bench).wire(w -> w.ports(1, 2)).connect())
          .isInstanceOfSatisfying(
              TransferException.class,
              e -> assertThat(e.refusals().getFirst().reason()).isEqualTo(RefusalReason.NO_OWNER));
    }
  }

  /** Before the first FPDU the peer has everything; all that stands against it is said at once. */
  @Test
  void refusesBytesThatItCannotTakeAllAtOnce() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T5).open()) {
      Pair.Spec spec =
          Pair.spec(bench)
              .wire(wire -> wire.unacknowledged(new byte[9], true).unread(new byte[7]))
              .amend(d ->
                  d.toBuilder()
                      .present(DescriptorFields.UNSENT, octets(20_000), "the test")
                      .build());
      assertThat(bench.rnic().capabilities().needsDrainedSendQueue()).isTrue();
      assertThat(reasons(bench, spec.descriptor(spec.lay())))
          .containsExactlyInAnyOrder(
              RefusalReason.UNREAD_BYTES,
              RefusalReason.UNACKNOWLEDGED_BYTES,
              RefusalReason.QUEUE_TOO_LARGE);
    }
  }

  /** What is consumed has a declared default, or is refused when it is absent. */
  @Test
  void inventsNothingThatIsAbsent() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T6).open()) {
      // A window that fits a header with and without scaling.
      Pair.Spec spec =
          Pair.spec(bench)
              .role(MpaRole.INITIATOR)
              .wire(wire -> wire.windowScales(0, 0).windows(60_000, 60_000));
      IwarpConnectionDescriptor whole = spec.descriptor(spec.lay());
      Usage before = bench.driverUsage();
      for (FieldKey<?> key : bench.rnic().capabilities().consumes()) {
        // Without these two there is no descriptor.
        if (key == DescriptorFields.LOCAL_ADDRESS || key == DescriptorFields.REMOTE_ADDRESS) {
          continue;
        }
        IwarpConnectionDescriptor without;
        try {
          without = whole.toBuilder().absent(key, "the test").build();
        } catch (InvalidDescriptorException e) {
          // No owner can describe such a connection.
          continue;
        }
        if (bench.rnic().capabilities().defaults().containsKey(key)) {
          bench.rnic().arrive(without).abandon();
        } else {
          assertThat(reasons(bench, without)).as("%s", key).contains(RefusalReason.FIELD_ABSENT);
        }
        assertThat(bench.driverUsage()).as("%s", key).isEqualTo(before);
      }
    }
  }

  private static Octets octets(int count) {
    return Octets.copyOf(new byte[count]);
  }

  private static List<RefusalReason> reasons(Bench bench, IwarpConnectionDescriptor descriptor) {
    return assertThatThrownBy(() -> bench.rnic().arrive(descriptor))
        .asInstanceOf(InstanceOfAssertFactories.throwable(TransferException.class))
        .actual()
        .refusals()
        .stream()
        .map(Refusal::reason)
        .toList();
  }

  /** A 4-tuple that the chip has already. */
  @Test
  void refusesASecondOfTheSame() throws Exception {
    try (Bench bench = new Bench(ChelsioChip.T6).open();
        Pair pair = Pair.spec(bench).connect()) {
      Usage before = bench.driverUsage();
      assertThatThrownBy(() ->
              bench
                  .rnic()
                  .arrive(pair.wire().started(pair.host().mpa(), Octets.empty(), Octets.empty())))
          .isInstanceOf(TransferException.class)
          .hasMessageContaining("expected 0");
      assertThat(bench.driverUsage()).isEqualTo(before);
      exchange(pair, MpaRole.RESPONDER);
    }
  }
}

package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.MemorySlice;
import dev.offramp.api.descriptor.PostedWork;
import dev.offramp.api.descriptor.RegisteredMemory;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.LocalBuffer;
import dev.offramp.api.rdma.MemoryRegion;
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
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.Faults;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.spi.RnicArrival;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A connection arrives on which FPDUs have flowed, and goes on where it was. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class RunningArrivalTest {
  private static final String KINDS = "dev.offramp.provider.intel.Bench#kinds";
  private static final int RECEIVES = 20;

  /** One that has left a device after nothing but Writes, which the peer goes on with. */
  private static final class Left implements AutoCloseable {
    final Bench bench;
    final Bench.Pair pair;
    final MemoryRegion in;
    final MemoryRegion out;
    final Region theirs;
    final Flood flood;
    final IwarpConnectionDescriptor descriptor;

    Left(Bench bench, MpaResult mpa) throws Exception {
      this.bench = bench;
      SimulatedConnection tcp = bench.connection().build();
      pair = bench.move(tcp, mpa);
      RdmaConnection connection = pair.connection();
      out = connection.allocate(Exchange.BYTES, Access.REMOTE_READ);
      in = connection.allocate(Exchange.BYTES, Access.REMOTE_WRITE);
      theirs = pair.peer().register(Exchange.BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
      Exchange.fill(out.segment(), 1);
      for (int i = 0; i < RECEIVES; i++) {
        connection.post(new Receive(i, out.slice(i, 20)));
      }
      connection.post(new Write(100, out.whole(), advertised()));
      assertThat(connection.completions().take().id()).isEqualTo(100);
      flood = new Flood(pair.peer(), in, out, 0, /* reads= */ false);
      flood.start();
      try (Departure departure =
          bench.rnic().depart(connection, TrafficDepartureTest.within(Duration.ofSeconds(30)))) {
        descriptor = departure.descriptor();
        departure.release();
      }
    }

    RemoteBuffer advertised() {
      return new RemoteBuffer(theirs.stag(), theirs.taggedOffset(), theirs.sizeBytes());
    }

    MemorySegment memory(RegisteredMemory region) {
      return Stream.of(in, out)
          .filter(one -> one.stag() == region.stag())
          .findFirst()
          .orElseThrow()
          .segment();
    }

    IwarpConnectionDescriptor.Builder but() {
      return descriptor.toBuilder();
    }

    /** Nothing of a connection that was refused is left. */
    void refused(IwarpConnectionDescriptor d, RefusalReason reason, String part) {
      assertThatExceptionOfType(TransferException.class)
          .isThrownBy(() -> bench.rnic().arrive(d, this::memory))
          .satisfies(e -> assertThat(e.refusals()).extracting(Refusal::reason).containsOnly(reason))
          .withMessageContaining(part);
      assertThat(bench.model().resources().stags()).isZero();
      assertThat(bench.model().resources().quads()).isZero();
      assertThat(bench.window.memory().mappingCount()).isZero();
    }

    @Override
    public void close() {
      bench.closeClean();
      pair.peer().close();
    }
  }

  private static MpaResult agreement(MpaRole role) {
    return Agreement.of(role).rtr(RtrKind.WRITE).depths(0, 16).result();
  }

  private static MemoryRegion region(RnicArrival arrival, int stag) {
    MemoryRegion region = arrival.regions().get(stag);
    if (region == null) {
      throw new IllegalStateException("STag [%08x] did not come along".formatted(stag));
    }
    return region;
  }

  /** As the runtime does. */
  private static void postAnew(IwarpConnectionDescriptor d, RnicArrival to) throws Exception {
    for (PostedWork work : d.value(DescriptorFields.POSTED_RECEIVES)) {
      List<LocalBuffer> buffers = new ArrayList<>();
      for (MemorySlice slice : work.buffers()) {
        buffers.add(region(to, slice.stag()).slice(slice.offsetBytes(), slice.lengthBytes()));
      }
      to.prepared().post(new Receive(work.id(), buffers));
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void itGoesOnWhereItWas(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = new Bench(kind);
          Left left = new Left(bench, agreement(role))) {
        IwarpConnectionDescriptor d = left.descriptor;
        assertThat(d.value(DescriptorFields.IWARP_PHASE)).isEqualTo(IwarpPhase.RDMA);
        assertThat(d.value(DescriptorFields.READ_RESPONSE_MSN)).isEqualTo(1);
        assertThat(bench.rnic().admits(ConnectionProfile.of(d)).isAdmitted()).isTrue();
        RnicArrival arrival = bench.rnic().arrive(d, left::memory);
        assertThat(arrival.regions()).containsOnlyKeys(left.in.stag(), left.out.stag());
        MemoryRegion out = region(arrival, left.out.stag());
        MemoryRegion in = region(arrival, left.in.stag());
        assertThat(List.of(out.taggedOffset(), out.sizeBytes(), in.taggedOffset()))
            .containsExactly(left.out.taggedOffset(), left.out.sizeBytes(), left.in.taggedOffset());
        postAnew(d, arrival);
        left.theirs.segment().fill((byte) 0);
        left.pair.peer().receive(7, left.theirs, 0, 5000);
        // All kinds of work before it runs: begun only then, in this order.
        arrival.prepared().post(new Send(200, out.slice(0, 4000)));
        arrival.prepared().post(new Write(201, out.whole(), left.advertised()));
        arrival.prepared().post(new Read(202, in.slice(0, 16), left.advertised().slice(0, 16)));
        bench.settle();
        assertThat(arrival.prepared().completions().poll()).isEmpty();
        assertThat(left.theirs.segment().getAtIndex(java.lang.foreign.ValueLayout.JAVA_LONG, 0))
            .isZero();
        RdmaConnection connection = arrival.activate();
        for (long id = 200; id <= 202; id++) {
          Completion completion = connection.completions().take();
          assertThat(completion.id()).isEqualTo(id);
          assertThat(completion.isSuccess()).as("%s", completion).isTrue();
        }
        assertThat(left.theirs.segment().mismatch(out.segment())).isEqualTo(-1);
        left.flood.finish();
        assertThat(left.flood.nextReceived()).isEqualTo(7);
        for (int i = 0; i < RECEIVES; i++) {
          left.pair.peer().send(300 + i, left.theirs, 0, 20);
          assertThat(connection.completions().take().id()).isEqualTo(i);
        }
        left.flood.check();
        // Numbers go on from here: to softiwarp, say.
        try (Departure again = bench.rnic().depart(connection)) {
          assertThat(again.descriptor().value(DescriptorFields.SEND_MSN)).isEqualTo(2);
          assertThat(again.descriptor().value(DescriptorFields.READ_REQUEST_MSN)).isEqualTo(2);
          assertThat(again.descriptor().value(DescriptorFields.RECEIVE_MSN))
              .isEqualTo(1 + RECEIVES);
          assertThat(again.descriptor().value(DescriptorFields.REGIONS))
              .extracting(RegisteredMemory::stag)
              .containsExactlyInAnyOrder(left.in.stag(), left.out.stag());
        }
        connection.close();
      }
    }
  }

  /** The peer speaks first, and this end posts nothing. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void itListensAtOnce(AdapterModelFactory kind) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = new Bench(kind);
          Left left = new Left(bench, agreement(role))) {
        RnicArrival arrival = bench.rnic().arrive(left.descriptor, left::memory);
        postAnew(left.descriptor, arrival);
        RdmaConnection connection = arrival.activate();
        left.flood.finish();
        left.pair.peer().send(300, left.theirs, 0, 20);
        assertThat(connection.completions().take().id()).isZero();
        left.flood.check();
        connection.close();
      }
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void whatTheContextCannotSayIsRefused(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind);
        Left left = new Left(bench, agreement(MpaRole.INITIATOR))) {
      for (FieldKey<Long> key : DescriptorFields.messageNumbers()) {
        IwarpConnectionDescriptor d = left.but().present(key, 17L, "test").build();
        left.refused(d, RefusalReason.UNSUPPORTED, key.path() + " is 17");
        // Before anything stops, too.
        assertThat(
                bench
                    .rnic()
                    .admits(
                        ConnectionProfile.of(
                            d.toBuilder().absent(DescriptorFields.SND_NXT, "running").build()))
                    .isAdmitted())
            .isFalse();
      }
      left.refused(
          left.but().absent(DescriptorFields.READ_RESPONSE_MSN, "nobody knows").build(),
          RefusalReason.UNSUPPORTED,
          "absent: nobody knows");
      left.refused(
          left.but().present(DescriptorFields.MPA_SEND_MARKERS, true, "test").build(),
          RefusalReason.MARKERS,
          "markers");
      left.refused(
          left.but().present(DescriptorFields.READY_TO_RECEIVE_AWAITED, true, "test").build(),
          RefusalReason.NOT_QUIET,
          "without its response");
      left.flood.abandon();
    }
  }

  @ParameterizedTest
  @MethodSource(KINDS)
  void stagsThatTheDeviceCannotHaveAreRefused(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind);
        Left left = new Left(bench, agreement(MpaRole.INITIATOR))) {
      RegisteredMemory in = region(left, left.in.stag());
      RegisteredMemory out = region(left, left.out.stag());
      IwarpConnectionDescriptor.Builder bare =
          left.but().present(DescriptorFields.POSTED_RECEIVES, List.of(), "test");
      for (int stag : new int[] {0x7f, 4097 << 8, -1}) {
        RegisteredMemory far =
            new RegisteredMemory(stag, in.taggedOffset(), in.sizeBytes(), in.access(), true);
        IwarpConnectionDescriptor d =
            bare.present(DescriptorFields.REGIONS, List.of(out, far), "test").build();
        assertThatExceptionOfType(TransferException.class)
            .isThrownBy(() ->
                bench
                    .rnic()
                    .arrive(d, one -> one.stag() == stag ? left.in.segment() : left.memory(one)))
            .satisfies(e ->
                assertThat(e.refusals())
                    .extracting(Refusal::reason)
                    .containsExactly(RefusalReason.NO_RESOURCES))
            .withMessageContaining("index");
        assertThat(bench.model().resources().stags()).isZero();
        assertThat(bench.model().resources().quads()).isZero();
      }
      RegisteredMemory shifted =
          new RegisteredMemory(in.stag(), in.taggedOffset() + 8, in.sizeBytes(), in.access(), true);
      left.refused(
          bare.present(DescriptorFields.REGIONS, List.of(out, shifted), "test").build(),
          RefusalReason.NO_RESOURCES,
          "place");
      // A revoked one is remembered, whatever its STag.
      RegisteredMemory revoked =
          new RegisteredMemory(-1, 0, in.sizeBytes(), in.access(), /* valid= */ false);
      RnicArrival arrival =
          bench
              .rnic()
              .arrive(
                  bare.present(DescriptorFields.REGIONS, List.of(out, revoked), "test").build(),
                  left::memory);
      assertThat(arrival.regions().get(-1)).isNotNull();
      assertThat(arrival.regions().values().stream().filter(MemoryRegion::isValid)).hasSize(1);
      arrival.abandon();
      assertThat(bench.model().resources().stags()).isZero();
      left.flood.abandon();
    }
  }

  private static RegisteredMemory region(Left left, int stag) {
    return left.descriptor.value(DescriptorFields.REGIONS).stream()
        .filter(one -> one.stag() == stag)
        .findFirst()
        .orElseThrow();
  }

  /** Each step fails once, and leaves nothing; then it arrives all the same. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void eachStepMayFail(AdapterModelFactory kind) throws Exception {
    for (String place :
        List.of(
            "intel.command.reg-mr",
            "intel.command.create-qp",
            "intel.command.manage-quad-hash",
            "window.map",
            "window.allocate")) {
      OneFault fault = new OneFault(place, 1, 1, () -> {});
      boolean[] armed = new boolean[1];
      Faults faults = where -> armed[0] ? fault.at(where) : Faults.NO_FAULT;
      try (Bench bench = new Bench(kind, faults, seen -> seen);
          Left left = new Left(bench, agreement(MpaRole.RESPONDER))) {
        armed[0] = true;
        assertThatExceptionOfType(TransferException.class)
            .as(place)
            .isThrownBy(() -> bench.rnic().arrive(left.descriptor, left::memory));
        armed[0] = false;
        assertThat(bench.model().resources().stags()).as(place).isZero();
        assertThat(bench.model().resources().quads()).as(place).isZero();
        assertThat(bench.window.memory().mappingCount()).as(place).isZero();
        RnicArrival arrival = bench.rnic().arrive(left.descriptor, left::memory);
        postAnew(left.descriptor, arrival);
        RdmaConnection connection = arrival.activate();
        left.flood.finish();
        left.pair.peer().send(300, left.theirs, 0, 20);
        assertThat(connection.completions().take().id()).isZero();
        left.flood.checkWrites();
        connection.close();
      }
    }
  }

  /** What came along with one that does not stay is its former owner's as before. */
  @ParameterizedTest
  @MethodSource(KINDS)
  void abandonedItLeavesNothing(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind);
        Left left = new Left(bench, agreement(MpaRole.RESPONDER))) {
      long segments = bench.link.segmentCount();
      RnicArrival arrival = bench.rnic().arrive(left.descriptor, left::memory);
      postAnew(left.descriptor, arrival);
      arrival.abandon();
      assertThat(bench.model().resources().stags()).isZero();
      assertThat(bench.model().resources().quads()).isZero();
      assertThat(left.out.segment().byteSize()).isEqualTo(Exchange.BYTES);
      assertThat(segments).isPositive();
      Map<Integer, MemoryRegion> regions = arrival.regions();
      assertThat(regions).hasSize(2);
      left.flood.abandon();
    }
  }
}

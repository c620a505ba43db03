package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.ConnectionClosedException;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Send;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.WorkQueueFullException;
import dev.offramp.api.rdma.Write;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.spi.Rnic;
import dev.offramp.spi.RnicArrival;
import dev.offramp.spi.RnicException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What threads see of each other at a connection, where no event loop ever helps. */
@Timeout(30)
class SoftConnectionTest {
  private static final int QUEUE_ENTRIES = 4;
  private static final long PATIENCE_SECONDS = 20;

  private final StillContext context =
      new StillContext(
          Map.of(
              "first-fpdu-delay-micros",
              "0",
              "send-queue-entries",
              "" + QUEUE_ENTRIES,
              "receive-queue-entries",
              "" + QUEUE_ENTRIES,
              "linger-millis",
              "0"));
  private final MemoryPort port = new MemoryPort();
  private final MemoryPort peerPort = new MemoryPort();
  private Rnic rnic;
  private RnicArrival arrival;
  private RdmaConnection connection;
  private RdmaConnection peer;

  @BeforeEach
  void arrive() throws Exception {
    MemoryPort.join(port, peerPort);
    context.ports.addAll(List.of(port, peerPort));
    rnic = new SoftiwarpDriver().open(context);
    arrival = rnic.arrive(descriptor(MpaRole.INITIATOR));
    connection = arrival.prepared();
    peer = rnic.arrive(descriptor(MpaRole.RESPONDER)).activate();
  }

  @AfterEach
  void close() {
    rnic.close();
  }

  /** Bytes moved by one thread's post complete work that another thread waits for. */
  @Test
  void whoeverMovesBytesWakesThoseThatWait() throws Exception {
    arrival.activate();
    MemoryRegion buffer = connection.allocate(64);
    connection.post(new Receive(7, buffer.whole()));
    // The Responder may speak once it has heard the Initiator.
    connection.post(emptyWrite());
    assertThat(connection.completions().take().operation()).isEqualTo(Operation.WRITE);
    FutureTask<Completion> taking = start(() -> connection.completions().take());
    awaitWaiter(taking);
    peer.post(new Send(peer.allocate(16).whole()));
    connection.post(emptyWrite());
    // Either completion wakes the thread; no event ever does.
    assertThat(taking.get(PATIENCE_SECONDS, TimeUnit.SECONDS).isSuccess()).isTrue();
  }

  /** A peer's Read borrows memory without any completion at this end. */
  @Test
  void aRegionThatLentBytesIsClosedWhenTheyAreGone() throws Exception {
    arrival.activate();
    MemoryRegion source = connection.allocate(64 << 10, Access.REMOTE_READ);
    MemoryRegion sink = peer.allocate(64 << 10, Access.REMOTE_WRITE);
    source.segment().fill((byte) 0x5a);
    connection.post(emptyWrite());
    assertThat(connection.completions().take().isSuccess()).isTrue();
    // A post reads nothing, so it takes an event for the Responder to hear that it may speak.
    peerPort.fire();
    port.setRoom(10_000);
    peer.post(new Read(1, sink.whole(), source.advertise()));
    port.fire();
    assertThat(((SoftRegion) source).region().isBusy()).isTrue();
    Thread closing = Thread.ofPlatform().daemon(true).start(source::close);
    while (source.isValid() || closing.getState() != Thread.State.WAITING) {
      assertThat(closing.isAlive()).isTrue();
      Thread.onSpinWait();
    }
    port.setRoom(Integer.MAX_VALUE);
    port.fire();
    closing.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
    assertThat(closing.isAlive()).isFalse();
    assertThat(connection.end()).isEmpty();
    assertThat(peer.completions().take().isSuccess()).isTrue();
    assertThat(sink.segment().get(ValueLayout.JAVA_BYTE, (64 << 10) - 1)).isEqualTo((byte) 0x5a);
  }

  @Test
  void queuesSayWhenTheyAreFull() throws Exception {
    MemoryRegion region = connection.allocate(8);
    for (int i = 0; i < QUEUE_ENTRIES; i++) {
      connection.post(new Receive(i, region.whole()));
      connection.post(new Send(i, region.whole()));
    }
    assertThatThrownBy(() -> connection.post(new Receive(region.whole())))
        .isInstanceOf(WorkQueueFullException.class)
        .hasMessageContaining("receive queue is full: all 4");
    assertThatThrownBy(() -> connection.post(new Send(region.whole())))
        .isInstanceOf(WorkQueueFullException.class)
        .hasMessageContaining("send queue is full: all 4");
  }

  @Test
  void workThatCannotBeIsRefusedAtOnce() throws Exception {
    MemoryRegion own = connection.allocate(8, Access.REMOTE_WRITE);
    MemoryRegion foreign = peer.allocate(8);
    RemoteBuffer target = new RemoteBuffer(1, 0, 4);
    assertThatThrownBy(() -> connection.post(new Send(foreign.whole())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("another connection");
    assertThatThrownBy(() -> connection.post(new Write(1, own.whole(), target)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8 bytes do not fit the target of 4");
    assertThatThrownBy(() -> connection.post(new Read(1, own.whole(), target)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> connection.register(MemorySegment.ofArray(new byte[8])))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Arena");
  }

  /** Nothing was sent before the activation, and memory that setup took is free again. */
  @Test
  void anAbandonedConnectionLeavesNothing() throws Exception {
    MemoryRegion region = connection.allocate(8);
    connection.post(new Send(region.whole()));
    arrival.abandon();
    arrival.abandon();
    assertThat(context.abandoned).isEqualTo(1);
    assertThat(region.isValid()).isFalse();
    assertThat(region.segment().scope().isAlive()).isFalse();
    assertThat(connection.end()).containsInstanceOf(StreamEnd.ClosedLocally.class);
    assertThatThrownBy(() -> connection.post(emptyWrite()))
        .isInstanceOf(ConnectionClosedException.class);
    assertThatThrownBy(arrival::activate).isInstanceOf(IllegalStateException.class);
    peerPort.fire();
    assertThat(peer.end()).isEmpty();
  }

  /** By then nobody else could tell the peer. */
  @Test
  void aConnectionThatCannotBeActivatedLeavesNothing() throws Exception {
    MemoryRegion region = connection.allocate(8);
    context.activationBreaks = true;
    assertThatThrownBy(arrival::activate).hasMessage("a defect of the stream");
    assertThat(context.abandoned).isEqualTo(1);
    assertThat(region.isValid()).isFalse();
    assertThat(connection.end()).containsInstanceOf(StreamEnd.ClosedLocally.class);
    arrival.abandon();
    assertThat(context.abandoned).isEqualTo(1);
  }

  @Test
  void closingAndAbortingCanBeRepeated() throws Exception {
    arrival.activate();
    MemoryRegion region = connection.allocate(8);
    connection.abort();
    connection.abort();
    connection.close();
    connection.close();
    region.close();
    region.close();
    assertThat(connection.end()).containsInstanceOf(StreamEnd.ClosedLocally.class);
    peerPort.fire();
    assertThat(peer.end()).containsInstanceOf(StreamEnd.Reset.class);
    assertThatThrownBy(() -> connection.completions().take())
        .isInstanceOf(ConnectionClosedException.class);
  }

  @Test
  void registeredMemoryStaysTheApplications() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(64);
      MemoryRegion region = connection.register(memory, Access.REMOTE_READ);
      assertThat(region.advertise().lengthBytes()).isEqualTo(64);
      region.close();
      assertThat(region.isValid()).isFalse();
      assertThat(memory.scope().isAlive()).isTrue();
    }
  }

  @Test
  void aClosedRnicTakesNothing() throws Exception {
    rnic.close();
    rnic.close();
    assertThatThrownBy(() -> rnic.arrive(descriptor(MpaRole.INITIATOR)))
        .hasMessageContaining("closed RNIC");
    assertThat(peer.end()).isPresent();
  }

  @ParameterizedTest
  @CsvSource({
    "no-such-setting, 1, is not known; known:",
    "send-queue-entries, 0, expected 1..65536",
    "linger-millis, soon, seen [soon]",
  })
  void aSettingThatCannotBeIsNamed(String name, String value, String message) {
    assertThatThrownBy(
            () -> new SoftiwarpDriver().open(new StillContext(Map.of(name, value))).close())
        .isInstanceOf(RnicException.class)
        .hasMessageContaining("softiwarp." + name)
        .hasMessageContaining(message);
  }

  private static Write emptyWrite() {
    return new Write(99, List.of(), new RemoteBuffer(0, 0, 0));
  }

  /** Until the thread sleeps in take(), which is the interesting case. */
  private void awaitWaiter(FutureTask<?> task) {
    Serving serving = ((SoftConnection) connection).serving();
    boolean waiting = false;
    while (!waiting && !task.isDone()) {
      serving.lock().lock();
      try {
        waiting = serving.lock().hasWaiters(serving.changed());
      } finally {
        serving.lock().unlock();
      }
    }
  }

  private static <T> FutureTask<T> start(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread.ofVirtual().start(task);
    return task;
  }

  @Test
  void aDescriptorThatLacksWhatStartUpAgreedIsRefused() throws Exception {
    for (FieldKey<?> key : List.of(DescriptorFields.IRD, DescriptorFields.ORD)) {
      IwarpConnectionDescriptor lacking =
          descriptor(MpaRole.INITIATOR).toBuilder().absent(key, "test").build();
      assertThatThrownBy(() -> rnic.arrive(lacking))
          .asInstanceOf(InstanceOfAssertFactories.throwable(TransferException.class))
          .extracting(e -> e.refusals().getFirst().reason())
          .isEqualTo(RefusalReason.FIELD_ABSENT);
    }
  }

  @Test
  void aStreamInRdmaModeComesWithTheNumbersThatItsOwnerCounts() {
    List<FieldKey<Long>> counted =
        List.of(
            DescriptorFields.SEND_MSN,
            DescriptorFields.READ_REQUEST_MSN,
            DescriptorFields.RECEIVE_MSN);
    IwarpConnectionDescriptor.Builder inRdmaMode =
        descriptor(MpaRole.INITIATOR).toBuilder()
            .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, "test")
            .absent(DescriptorFields.READ_RESPONSE_MSN, "the peer's next request tells it");
    counted.forEach(key -> inRdmaMode.present(key, 7L, "test"));
    assertThat(StreamSetup.absences(inRdmaMode.build())).isEmpty();
    for (FieldKey<Long> key : List.of(counted.get(0), counted.get(1))) {
      IwarpConnectionDescriptor lacking =
          inRdmaMode.build().toBuilder().absent(key, "test").build();
      assertThatThrownBy(() -> rnic.arrive(lacking))
          .asInstanceOf(InstanceOfAssertFactories.throwable(TransferException.class))
          .extracting(e -> e.refusals().getFirst().seen())
          .asString()
          .startsWith(key.path());
    }
  }

  static IwarpConnectionDescriptor descriptor(MpaRole role) {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    return IwarpConnectionDescriptor.builder()
        .present(DescriptorFields.LOCAL_ADDRESS, new InetSocketAddress(loopback, 1), "test")
        .present(DescriptorFields.REMOTE_ADDRESS, new InetSocketAddress(loopback, 2), "test")
        .present(DescriptorFields.IWARP_PHASE, IwarpPhase.STARTED, "test")
        .present(DescriptorFields.MPA_ROLE, role, "test")
        .present(DescriptorFields.MPA_REVISION, 1, "test")
        .present(DescriptorFields.MPA_CRC, true, "test")
        .present(DescriptorFields.MPA_SEND_MARKERS, false, "test")
        .present(DescriptorFields.MPA_RECEIVE_MARKERS, false, "test")
        .present(DescriptorFields.LOCAL_PRIVATE_DATA, Octets.empty(), "test")
        .present(DescriptorFields.REMOTE_PRIVATE_DATA, Octets.empty(), "test")
        .present(DescriptorFields.IRD, 4, "test")
        .present(DescriptorFields.ORD, 4, "test")
        .build();
  }
}

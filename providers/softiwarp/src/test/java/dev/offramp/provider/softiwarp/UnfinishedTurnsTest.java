package dev.offramp.provider.softiwarp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaConnection;
import dev.offramp.api.rdma.Read;
import dev.offramp.api.rdma.Receive;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.Write;
import dev.offramp.spi.Rnic;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Whoever serves a stream stops after some turns. When TCP took everything meanwhile, nothing but
 * room tells that there is more to send; a message of more than some megabytes then stopped for
 * ever. Here each FPDU is a write of its own, so that a short message needs more turns than one
 * server has, and the event loop never helps.
 */
@Timeout(60)
class UnfinishedTurnsTest {
  private static final long PATIENCE_SECONDS = 20;

  /** Some 180 FPDUs, and as many writes. */
  private static final int BYTES = 256 << 10;

  private final StillContext context =
      new StillContext(
          Map.of("first-fpdu-delay-micros", "0", "batch-bytes", "1", "linger-millis", "0"));
  private final MemoryPort port = new MemoryPort();
  private final MemoryPort peerPort = new MemoryPort();
  private Rnic rnic;
  private RdmaConnection connection;
  private RdmaConnection peer;

  @BeforeEach
  void arrive() throws Exception {
    MemoryPort.join(port, peerPort);
    context.ports.addAll(List.of(port, peerPort));
    rnic = new SoftiwarpDriver().open(context);
    connection = rnic.arrive(SoftConnectionTest.descriptor(MpaRole.INITIATOR)).activate();
    peer = rnic.arrive(SoftConnectionTest.descriptor(MpaRole.RESPONDER)).activate();
  }

  @AfterEach
  void close() {
    rnic.close();
  }

  @Test
  void aLeaderWhoseTurnsAreOverGoesOnWriting() throws Exception {
    port.letThreadsWait();
    MemoryRegion source = connection.allocate(BYTES);
    MemoryRegion target = peer.allocate(BYTES, Access.REMOTE_WRITE);
    source.segment().fill((byte) 0x5a);
    port.setRoom(0);
    connection.post(new Write(1, source.whole(), target.advertise()));
    FutureTask<Completion> taking = start(() -> connection.completions().take());
    awaitWaiter(taking);
    port.setRoom(Integer.MAX_VALUE);
    assertThat(taking.get(PATIENCE_SECONDS, TimeUnit.SECONDS).bytes()).isEqualTo(BYTES);
    peer.completions().poll();
    assertThat(target.segment().mismatch(source.segment())).isEqualTo(-1);
  }

  @Test
  void aLeaderWhoseTurnsAreOverGoesOnAnswering() throws Exception {
    port.letThreadsWait();
    peerPort.letThreadsWait();
    letResponderSpeak();
    MemoryRegion source = connection.allocate(BYTES, Access.REMOTE_READ);
    MemoryRegion sink = peer.allocate(BYTES, Access.REMOTE_WRITE);
    source.segment().fill((byte) 0x5a);
    connection.post(new Receive(1, connection.allocate(8).whole()));
    FutureTask<Completion> never = start(() -> connection.completions().take());
    awaitWaiter(never);
    peer.post(new Read(2, sink.whole(), source.advertise()));
    FutureTask<Completion> reading = start(() -> peer.completions().take());
    assertThat(reading.get(PATIENCE_SECONDS, TimeUnit.SECONDS).operation())
        .isEqualTo(Operation.READ);
    assertThat(sink.segment().mismatch(source.segment())).isEqualTo(-1);
  }

  /** A poller does some turns and goes; the leader did not ask for room, so it has to be told. */
  @Test
  void aPollerThatLeavesWorkWakesTheLeader() throws Exception {
    port.letThreadsWait();
    peerPort.letThreadsWait();
    letResponderSpeak();
    MemoryRegion source = connection.allocate(BYTES, Access.REMOTE_READ);
    MemoryRegion sink = peer.allocate(BYTES, Access.REMOTE_WRITE);
    connection.post(new Receive(1, connection.allocate(8).whole()));
    FutureTask<Completion> never = start(() -> connection.completions().take());
    awaitWaiter(never);
    port.waiter().setDeafToBytes(true);
    peer.post(new Read(2, sink.whole(), source.advertise()));
    assertThat(connection.completions().poll()).isEmpty();
    FutureTask<Completion> reading = start(() -> peer.completions().take());
    assertThat(reading.get(PATIENCE_SECONDS, TimeUnit.SECONDS).operation())
        .isEqualTo(Operation.READ);
  }

  @Test
  void whereNobodyCanWaitTheLoopIsAskedToComeBack() throws Exception {
    letResponderSpeak();
    MemoryRegion source = connection.allocate(BYTES, Access.REMOTE_READ);
    MemoryRegion sink = peer.allocate(BYTES, Access.REMOTE_WRITE);
    peer.post(new Read(2, sink.whole(), source.advertise()));
    assertThat(port.isInterestedInRoom()).isFalse();
    assertThat(connection.completions().poll()).isEmpty();
    assertThat(port.isInterestedInRoom()).isTrue();
  }

  /** The Responder may speak once it has heard the Initiator. */
  private void letResponderSpeak() throws Exception {
    connection.post(new Write(99, List.of(), new RemoteBuffer(0, 0, 0)));
    assertThat(connection.completions().take().isSuccess()).isTrue();
    peerPort.fire();
  }

  private void awaitWaiter(FutureTask<?> task) {
    while (!port.waiter().isWaiting() && !task.isDone()) {
      Thread.onSpinWait();
    }
  }

  private static <T> FutureTask<T> start(Callable<T> code) {
    FutureTask<T> task = new FutureTask<>(code);
    Thread.ofVirtual().start(task);
    return task;
  }
}

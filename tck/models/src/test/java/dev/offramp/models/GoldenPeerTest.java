package dev.offramp.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.mpa.MpaFrame;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.MemoryTable;
import dev.offramp.iwarp.rdmap.Posted;
import dev.offramp.iwarp.rdmap.RdmapStream;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.spi.port.PreparedStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A runner at the adapter's end and a golden peer at the other, over a simulated link. */
@Timeout(120)
class GoldenPeerTest {
  private static final int BYTES = 3 << 20;

  private final ModelClock clock = new ModelClock();
  private final ModelLoop loop = new ModelLoop("adapter", clock);
  private final ModelLoop peerLoop = new ModelLoop("peer", clock);
  private final SimulatedLink link = new SimulatedLink(loop, clock);
  private final Arena arena = Arena.ofShared();
  private final MemoryTable memory = new MemoryTable(new SplittableRandom(3), 64);
  private final Adapter adapter = new Adapter();

  private SimulatedConnection connection;
  private GoldenPeer peer;

  @SuppressWarnings("NullAway.Init") // every test takes over first
  private Link.Claim claim;

  @SuppressWarnings("NullAway.Init")
  private StreamRunner runner;

  /** What a model would do with what it is told. */
  private final class Adapter implements StreamRunner.Owner {
    final BlockingQueue<Completion> completions = new LinkedBlockingQueue<>();
    final CountDownLatch ended = new CountDownLatch(1);
    final List<StreamEnd> ends = Collections.synchronizedList(new ArrayList<>());
    volatile boolean mayClose = true;
    final AtomicInteger gone = new AtomicInteger();
    final AtomicInteger peerClosed = new AtomicInteger();

    @Override
    public void moved() {
      RdmapStream engine = runner.stream();
      if (engine != null) {
        engine.pollCompletions(
            (id, operation, status, bytes, detail) ->
                completions.add(
                    new Completion(
                        id,
                        operation,
                        status,
                        bytes,
                        detail.isSolicited(),
                        OptionalInt.empty(),
                        OptionalLong.empty())),
            1000);
      }
    }

    @Override
    public void peerClosed() {
      peerClosed.incrementAndGet();
    }

    @Override
    public boolean mayHalfClose() {
      return mayClose;
    }

    @Override
    public void ended(StreamEnd end) {
      ends.add(end);
      ended.countDown();
    }

    @Override
    public void gone() {
      gone.incrementAndGet();
    }
  }

  @BeforeEach
  void connect() {
    connection = SimulatedConnection.builder(link).build();
    peer = new GoldenPeer(peerLoop, clock, connection.peer());
  }

  @AfterEach
  void close() {
    peer.close();
    loop.run(runner::reset);
    claim.close();
    assertThat(loop.failures()).isEmpty();
    assertThat(peerLoop.failures()).isEmpty();
    loop.close();
    peerLoop.close();
    arena.close();
    assertThat(link.claimCount()).isZero();
  }

  private void takeOver(MpaRole role, byte[] reply) throws Exception {
    IwarpConnectionDescriptor d =
        connection.descriptor().toBuilder()
            .present(DescriptorFields.UNSENT, Octets.copyOf(reply), "test")
            .build();
    claim =
        link.claim(
            d.value(DescriptorFields.LOCAL_ADDRESS), d.value(DescriptorFields.REMOTE_ADDRESS));
    PreparedStream prepared = claim.install(d);
    runner =
        new StreamRunner(prepared.activate(), loop, clock, TimeUnit.SECONDS.toNanos(10), adapter);
    loop.run(runner::start);
    loop.run(() -> runner.enterRdma(new RdmapStream(config(role), memory)));
  }

  private static StreamConfig config(MpaRole role) {
    return StreamConfig.builder(role).emss(1460).build();
  }

  private static MpaRole other(MpaRole role) {
    return role == MpaRole.INITIATOR ? MpaRole.RESPONDER : MpaRole.INITIATOR;
  }

  /** Write, Send and Read from both ends, 3 MiB each, whoever began. */
  @ParameterizedTest
  @EnumSource(MpaRole.class)
  void everythingMovesInBothRoles(MpaRole role) throws Exception {
    begin(role);
    Region far = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    Region near = register(BYTES);
    Region nearSink = register(BYTES);
    Region farSink = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    fill(far, 1);
    fill(near, 2);
    if (role == MpaRole.RESPONDER) {
      peer.write(1, far, 0, GoldenPeer.advertise(nearSink));
      assertThat(peer.take().isSuccess()).isTrue();
      post(engine -> engine.postReceive(2, piece(nearSink)));
      peer.send(3, far, 0, BYTES);
      assertThat(take()).isEqualTo(done(2, Operation.RECEIVE));
    } else {
      peer.receive(2, farSink, 0, BYTES);
      post(engine -> engine.postSend(3, piece(near), false, false, 0));
      assertThat(take()).isEqualTo(done(3, Operation.SEND));
      assertThat(peer.take().id()).isEqualTo(2);
      assertThat(farSink.segment().mismatch(near.segment())).isEqualTo(-1);
      peer.write(1, far, 0, GoldenPeer.advertise(nearSink));
    }
    assertThat(peer.take().operation()).isNotEqualTo(Operation.RECEIVE);
    post(engine -> engine.postRead(4, nearSink, 0, BYTES, far.stag(), far.taggedOffset()));
    assertThat(take()).isEqualTo(done(4, Operation.READ));
    assertThat(nearSink.segment().mismatch(far.segment())).isEqualTo(-1);
    peer.read(5, farSink, 0, GoldenPeer.advertise(near));
    assertThat(peer.take().id()).isEqualTo(5);
    assertThat(farSink.segment().mismatch(near.segment())).isEqualTo(-1);
    peer.disconnect();
    assertThat(peer.awaitEnd()).isInstanceOf(StreamEnd.ClosedLocally.class);
    peer.awaitGone();
    loop.run(() -> {});
    assertThat(adapter.ends).containsExactly(new StreamEnd.ClosedByPeer());
    assertThat(adapter.peerClosed).hasValue(1);
    assertThat(adapter.gone).hasValue(1);
  }

  /** A chip whose host decides when to close: the FIN waits for the word. */
  @Test
  void theOwnFinWaitsForTheOwner() throws Exception {
    begin(MpaRole.INITIATOR);
    adapter.mayClose = false;
    peer.disconnect();
    awaitEnd();
    loop.run(runner::work);
    assertThat(runner.isOver()).isFalse();
    adapter.mayClose = true;
    loop.run(runner::work);
    assertThat(peer.awaitEnd()).isInstanceOf(StreamEnd.ClosedLocally.class);
    peer.awaitGone();
  }

  @Test
  void aTerminateIsTold() throws Exception {
    begin(MpaRole.INITIATOR);
    Region near = register(64);
    post(engine -> engine.postSend(1, piece(near), false, false, 0));
    peer.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC);
    awaitEnd();
    assertThat(adapter.ends.getFirst()).isInstanceOf(StreamEnd.TerminatedByPeer.class);
    peer.awaitGone();
  }

  @Test
  void aResetIsTold() throws Exception {
    begin(MpaRole.INITIATOR);
    peer.reset();
    awaitEnd();
    assertThat(adapter.ends).containsExactly(new StreamEnd.Reset());
    assertThat(adapter.gone).hasValue(1);
  }

  @Test
  void garbageIsAnsweredByATerminate() throws Exception {
    begin(MpaRole.INITIATOR);
    peer.raw(new byte[64]);
    awaitEnd();
    assertThat(adapter.ends.getFirst()).isInstanceOf(StreamEnd.TerminatedLocally.class);
    assertThat(peer.awaitEnd()).isInstanceOf(StreamEnd.TerminatedByPeer.class);
  }

  @Test
  void aFinInTheMiddleOfAnFpduIsTold() throws Exception {
    begin(MpaRole.INITIATOR);
    peer.raw(new byte[] {0, 40, 1});
    peer.fin();
    awaitEnd();
    assertThat(adapter.ends).containsExactly(new StreamEnd.TruncatedByPeer());
  }

  /** The peer's application reads nothing, TCP's window closes, and opens again. */
  @Test
  void aPeerThatStallsIsWaitedFor() throws Exception {
    begin(MpaRole.INITIATOR);
    Region far = peer.register(BYTES, Access.REMOTE_WRITE);
    Region near = register(BYTES);
    fill(near, 9);
    peer.stall();
    post(engine -> engine.postWrite(1, piece(near), far.stag(), far.taggedOffset()));
    clock.jump(TimeUnit.MINUTES.toNanos(1));
    loop.run(() -> {});
    assertThat(adapter.completions).isEmpty();
    peer.goOn();
    assertThat(take()).isEqualTo(done(1, Operation.WRITE));
    peer.receive(2, far, 0, 0);
    post(engine -> engine.postSend(2, new LocalBuffers(8), false, false, 0));
    assertThat(peer.take().isSuccess()).isTrue();
    assertThat(far.segment().mismatch(near.segment())).isEqualTo(-1);
  }

  /** A peer that never sends its FIN is reset in the end, and work is flushed. */
  @Test
  void thePeersFinIsNotWaitedForForEver() throws Exception {
    begin(MpaRole.INITIATOR);
    Region near = register(64);
    post(engine -> engine.postReceive(1, piece(near)));
    peer.stall();
    loop.run(() -> {
      engine().closeRequested();
      runner.work();
    });
    clock.jump(TimeUnit.SECONDS.toNanos(11));
    awaitEnd();
    assertThat(adapter.ends).containsExactly(new StreamEnd.TimedOut());
    assertThat(take().status()).isEqualTo(CompletionStatus.FLUSHED);
    assertThat(adapter.gone).hasValue(1);
  }

  @Test
  void aPausedRunnerTouchesNothing() throws Exception {
    begin(MpaRole.INITIATOR);
    Region near = register(64);
    Region far = peer.register(64);
    post(engine -> engine.postReceive(1, piece(near)));
    peer.receive(8, far, 0, 64);
    post(engine -> engine.postSend(2, piece(near), false, false, 0));
    assertThat(peer.take().id()).isEqualTo(8);
    assertThat(take().id()).isEqualTo(2);
    assertThat(loop.<Boolean>call(runner::isQuiet)).isTrue();
    loop.run(runner::pause);
    peer.send(9, far, 0, 64);
    assertThat(peer.take().id()).isEqualTo(9);
    loop.run(runner::work);
    assertThat(adapter.completions).isEmpty();
    loop.run(runner::resume);
    assertThat(take())
        .isEqualTo(
            new Completion(
                1,
                Operation.RECEIVE,
                CompletionStatus.SUCCESS,
                64,
                false,
                OptionalInt.empty(),
                OptionalLong.empty()));
    loop.run(runner::letGo);
    assertThat(runner.isOver()).isTrue();
    assertThat(peer.isRunning()).isTrue();
  }

  @Test
  void streamingModeAndRdmaModeDoNotMix() throws Exception {
    begin(MpaRole.INITIATOR);
    assertThatThrownBy(() -> loop.run(() -> runner.send(ByteBuffer.allocate(1))))
        .hasRootCauseMessage("the stream is in RDMA mode");
    assertThatThrownBy(() ->
            loop.run(() -> runner.enterRdma(new RdmapStream(config(MpaRole.INITIATOR), memory))))
        .hasRootCauseMessage("the stream is in RDMA mode");
  }

  @Test
  void whatIsNotAReplyIsNamed() throws Exception {
    takeOver(MpaRole.RESPONDER, "hello, this is not MPA".getBytes(StandardCharsets.US_ASCII));
    assertThatThrownBy(() -> peer.awaitReply(0))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected an MPA Reply");
  }

  private void begin(MpaRole role) throws Exception {
    takeOver(role, role == MpaRole.RESPONDER ? reply() : new byte[0]);
    if (role == MpaRole.RESPONDER) {
      assertThat(peer.awaitReply(0).privateData().length()).isEqualTo(3);
    }
    peer.enterRdma(config(other(role)));
  }

  private void post(Function<RdmapStream, Posted> work) {
    Posted verdict =
        loop.call(() -> {
          Posted posted = work.apply(engine());
          runner.work();
          return posted;
        });
    assertThat(verdict).isEqualTo(Posted.ACCEPTED);
  }

  private RdmapStream engine() {
    return Objects.requireNonNull(runner.stream());
  }

  private Completion take() throws InterruptedException {
    Completion taken = adapter.completions.poll(60, TimeUnit.SECONDS);
    assertThat(taken).isNotNull();
    return taken;
  }

  private void awaitEnd() throws InterruptedException {
    assertThat(adapter.ended.await(60, TimeUnit.SECONDS)).isTrue();
    // What belongs to the same turn of the loop is over, too.
    loop.run(() -> {});
  }

  private static Completion done(long id, Operation operation) {
    return new Completion(
        id,
        operation,
        CompletionStatus.SUCCESS,
        BYTES,
        false,
        OptionalInt.empty(),
        OptionalLong.empty());
  }

  private static LocalBuffers piece(Region region) {
    return new LocalBuffers(8).add(region, 0, region.sizeBytes());
  }

  private static void fill(Region region, long seed) {
    byte[] bytes = new byte[(int) region.sizeBytes()];
    new SplittableRandom(seed).nextBytes(bytes);
    MemorySegment.copy(bytes, 0, region.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  private Region register(long bytes) {
    MemorySegment segment = arena.allocate(bytes, 4096);
    return loop.call(() ->
        memory.register(
            0,
            segment,
            segment.address(),
            Set.of(Access.REMOTE_READ, Access.REMOTE_WRITE, Access.REMOTE_INVALIDATE)));
  }

  private static byte[] reply() {
    ByteBuffer encoded =
        new MpaFrame(
                true,
                false,
                true,
                false,
                true,
                2,
                16,
                16,
                false,
                Set.of(),
                Octets.copyOf(new byte[] {1, 2, 3}))
            .encode();
    byte[] bytes = new byte[encoded.remaining()];
    encoded.get(bytes);
    return bytes;
  }
}

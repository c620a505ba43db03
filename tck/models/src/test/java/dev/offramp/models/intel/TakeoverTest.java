package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.LocalBuffers;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import dev.offramp.models.intel.RawDriver.Done;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Raw commands take a connection over and run RDMA on it, with a peer that goes by the book. */
final class TakeoverTest {
  private static final int BYTES = 100_000;
  private static final int ESTABLISHED = 0x50E;

  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  static Stream<Arguments> kindsAndFamilies() {
    return Bench.kinds().stream()
        .flatMap(kind -> Stream.of(Arguments.of(kind, false), Arguments.of(kind, true)));
  }

  static byte[] fill(MemorySegment segment, long seed) {
    byte[] bytes = new byte[(int) segment.byteSize()];
    new Random(seed).nextBytes(bytes);
    MemorySegment.copy(bytes, 0, segment, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return bytes;
  }

  static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  static SimulatedConnection connect(Bench bench, boolean ipv6) {
    SimulatedConnection.Builder builder = SimulatedConnection.builder(bench.link);
    return (ipv6 ? builder.ipv6() : builder).build();
  }

  /** Loads a connection whose first work request is an empty Write, as an Initiator's is. */
  static void startAsInitiator(RawConnection raw) {
    raw.put(0, raw.fragment(0, 0), 0, RawConnection.SIGNALLED);
    putEstablished(raw);
    raw.load();
    raw.ring();
    assertThat(raw.driver.take(raw.sendCq).wqeIndex()).isZero();
    if (raw.driver.second) {
      raw.driver.takeEvent(ESTABLISHED);
    }
  }

  private static void putEstablished(RawConnection raw) {
    if (raw.driver.second) {
      raw.put(0, 0, 0, (0x0CL << 32) | (1L << 61));
      raw.put(0, 0, 0, 0x30L << 32);
    }
  }

  private static void end(Bench bench, RawConnection raw) {
    RawDriver.require(raw.toError(false));
    bench.driver.command(0, 0, 0, raw.id | (0x22L << 32) | (3L << 61));
    RawDriver.require(raw.destroy());
    raw.release();
    raw.close();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void upAndDown(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      assertThat(bench.model().resources().completionQueues()).isEqualTo(1);
      bench.driver.shutDown();
      bench.assertClean();
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void initiator(AdapterModelFactory kind, boolean ipv6) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = connect(bench, ipv6);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      GoldenPeer peer = bench.peer(connection, MpaRole.RESPONDER);
      startAsInitiator(raw);
      exchange(raw, peer);
      closeByDevice(raw, peer);
      end(bench, raw);
      bench.driver.shutDown();
      bench.assertClean();
    }
  }

  @ParameterizedTest
  @MethodSource("kindsAndFamilies")
  void responder(AdapterModelFactory kind, boolean ipv6) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = connect(bench, ipv6);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      GoldenPeer peer = new GoldenPeer(bench.loop, bench.clock, connection.peer());
      Memory reply = raw.register(120);
      byte[] expected = fill(reply.segment(), 7);
      raw.put(
          reply.to(),
          raw.fragment(expected.length, reply.stag()),
          0,
          (3L << 32) | (1L << 58) | (1L << 59));
      putEstablished(raw);
      raw.load();
      assertThat(bench.model().resources().quads()).isEqualTo(1);
      raw.ring();
      // What is posted behind waits for the peer's first FPDU.
      Memory early = raw.register(10);
      byte[] sent = fill(early.segment(), 8);
      raw.send(early, 0, 10);
      assertThat(peer.awaitStreamed(expected.length)).isEqualTo(expected);
      peer.enterRdma(Bench.config(MpaRole.INITIATOR));
      Region sink = peer.register(10);
      peer.receive(1, sink, 0, 10);
      assertThat(peer.completionCount()).isZero();
      peer.post(engine -> engine.postWrite(2, new LocalBuffers(1), 0, 0));
      assertThat(peer.take().operation()).isEqualTo(Operation.WRITE);
      assertThat(peer.take().operation()).isEqualTo(Operation.RECEIVE);
      assertThat(bytes(sink.segment())).isEqualTo(sent);
      if (bench.driver.second) {
        bench.driver.takeEvent(ESTABLISHED);
      }
      assertThat(bench.driver.take(raw.sendCq).error()).isFalse();
      exchange(raw, peer);
      closeByPeer(raw, peer);
      RawDriver.require(raw.deregister(reply.stag()));
      RawDriver.require(raw.deregister(early.stag()));
      end(bench, raw);
      bench.driver.shutDown();
      bench.assertClean();
    }
  }

  /** Sends, Writes and Reads in both directions; STags go again. */
  private static void exchange(RawConnection raw, GoldenPeer peer) {
    RawDriver driver = raw.driver;
    Memory mine = raw.register(BYTES);
    Memory sink = raw.register(BYTES);
    Region theirs = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);
    Region theirSink = peer.register(BYTES, Access.REMOTE_READ, Access.REMOTE_WRITE);

    byte[] data = fill(mine.segment(), 1);
    peer.receive(11, theirs, 0, BYTES);
    int at = raw.send(mine, 0, BYTES);
    Done done = driver.take(raw.sendCq);
    assertThat(done.wqeIndex()).isEqualTo(at);
    assertThat(done.error()).isFalse();
    assertThat(done.sendQueue()).isTrue();
    assertThat(done.qp()).isEqualTo(raw.id);
    assertThat(done.q1()).isEqualTo(raw.completionContext());
    Completion received = peer.take();
    assertThat(received.bytes()).isEqualTo(BYTES);
    assertThat(bytes(theirs.segment())).isEqualTo(data);

    data = fill(theirs.segment(), 2);
    at = raw.receive(sink, 0, BYTES);
    peer.send(12, theirs, 0, BYTES, true, 0);
    done = driver.take(raw.receiveCq);
    assertThat(done.wqeIndex()).isEqualTo(at);
    assertThat(done.sendQueue()).isFalse();
    assertThat(done.bytes()).isEqualTo(BYTES);
    assertThat(done.solicited()).isTrue();
    assertThat(bytes(sink.segment())).isEqualTo(data);
    assertThat(peer.take().status()).isEqualTo(CompletionStatus.SUCCESS);

    data = fill(mine.segment(), 3);
    raw.write(mine, BYTES, theirs.stag(), theirs.taggedOffset());
    assertThat(driver.take(raw.sendCq).error()).isFalse();
    // A Read behind the Write sees what was written.
    int read = raw.readFrom(sink, BYTES, theirs.stag(), theirs.taggedOffset());
    assertThat(driver.take(raw.sendCq).wqeIndex()).isEqualTo(read);
    assertThat(bytes(sink.segment())).isEqualTo(data);

    data = fill(theirs.segment(), 4);
    peer.write(13, theirs, 0, new dev.offramp.api.rdma.RemoteBuffer(mine.stag(), mine.to(), BYTES));
    peer.take();
    peer.read(
        14, theirSink, 0, new dev.offramp.api.rdma.RemoteBuffer(mine.stag(), mine.to(), BYTES));
    assertThat(peer.take().operation()).isEqualTo(Operation.READ);
    assertThat(bytes(mine.segment())).isEqualTo(data);
    assertThat(bytes(theirSink.segment())).isEqualTo(data);

    RawDriver.require(raw.deregister(mine.stag()));
    RawDriver.require(raw.deregister(sink.stag()));
  }

  private static void closeByDevice(RawConnection raw, GoldenPeer peer) {
    RawDriver.require(raw.modify(3, 0));
    assertThat(peer.awaitEnd()).isEqualTo(new StreamEnd.ClosedByPeer());
    RawDriver.Event event = raw.driver.takeEvent(0x501);
    assertThat(event.id()).isEqualTo(raw.id);
    assertThat(event.context()).isEqualTo(raw.completionContext());
    peer.awaitGone();
  }

  private static void closeByPeer(RawConnection raw, GoldenPeer peer) {
    peer.disconnect();
    RawDriver.Event event = raw.driver.takeEvent(0x503);
    assertThat(event.tcpState()).isEqualTo(6);
    RawDriver.require(raw.modify(3, 0));
    raw.driver.takeEvent(0x501);
    assertThat(peer.awaitEnd()).isEqualTo(new StreamEnd.ClosedLocally());
  }
}

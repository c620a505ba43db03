package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.rdma.Access;
import dev.offramp.api.rdma.RemoteBuffer;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.TerminateCause;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import dev.offramp.models.intel.RawDriver.Done;
import dev.offramp.models.intel.RawDriver.Event;
import dev.offramp.models.intel.RawDriver.Result;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What goes wrong on the wire or in a work request, and what the host hears of it. */
final class StreamErrorsTest {
  private static final int Q2_FRAME = 72;

  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  private static void run(AdapterModelFactory kind, BiConsumer<RawConnection, GoldenPeer> script) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      GoldenPeer peer = bench.peer(connection, MpaRole.RESPONDER);
      TakeoverTest.startAsInitiator(raw);
      script.accept(raw, peer);
      assertThat(bench.model().violations()).isEmpty();
      raw.close();
    }
  }

  private static int q2(RawConnection raw, int at) {
    return raw.q2.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, at) & 0xFF;
  }

  /** Sends a Terminate that the host composes, then a FIN. */
  private static Result terminate(RawConnection raw, int layerAndType, int code) {
    RawDriver.put(raw.q2.segment(), 0, layerAndType | (code << 8));
    return raw.driver.command(
        0,
        4L << 48,
        raw.context.deviceAddress(),
        raw.id | (1L << 32) | (1L << 48) | (5L << 60),
        0,
        raw.shadow.deviceAddress());
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thePeerWritesWhereItMayNot(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          Memory mine = raw.register(100);
          Region theirs = peer.register(200);
          peer.write(1, theirs, 0, new RemoteBuffer(mine.stag(), mine.to() + 50, 100));
          Event event = raw.driver.takeEvent(0x108);
          assertThat(event.id()).isEqualTo(raw.id);
          assertThat(event.q2Data()).isEqualTo(1);
          // Ethernet, IPv4, TCP, the ULPDU's length: then DDP's control octet, tagged.
          assertThat(q2(raw, Q2_FRAME + 14) & 0xF0).isEqualTo(0x40);
          assertThat(q2(raw, Q2_FRAME + 14 + 20 + 20 + 2) & 0x80).isEqualTo(0x80);
          // The device waits for the host's words.
          assertThat(peer.isRunning()).isTrue();
          RawDriver.require(terminate(raw, 0x11, 0x01));
          assertThat(peer.awaitEnd())
              .isInstanceOfSatisfying(
                  StreamEnd.TerminatedByPeer.class,
                  end -> {
                    assertThat(end.terminate().layer()).isEqualTo(1);
                    assertThat(end.terminate().type()).isEqualTo(1);
                    assertThat(end.terminate().code()).isEqualTo(1);
                  });
          raw.driver.takeEvent(0x602);
          peer.awaitGone();
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thePeerSendsWithoutAReceive(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          Region theirs = peer.register(10);
          peer.send(1, theirs, 0, 10);
          raw.driver.takeEvent(0x306);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thePeerTerminates(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          peer.terminate(TerminateCause.STREAM_CATASTROPHIC);
          Event event = raw.driver.takeEvent(0x509);
          assertThat(event.q2Data()).isEqualTo(1);
          int ulpdu = Q2_FRAME + 14 + 20 + 20 + 2;
          assertThat(q2(raw, ulpdu + 1) & 0xF).isEqualTo(7);
          assertThat(q2(raw, ulpdu + 18)).isEqualTo(0x02);
          assertThat(q2(raw, ulpdu + 19)).isEqualTo(0x07);
          RawDriver.require(raw.toError(true));
          raw.driver.takeEvent(0x601);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void thePeerResets(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          Memory mine = raw.register(10);
          raw.receive(mine, 0, 10);
          peer.reset();
          Event event = raw.driver.takeEvent(0x502);
          assertThat(event.tcpState()).isEqualTo(1);
          RawDriver.require(raw.toError(false));
          flushes(raw);
        });
  }

  /** One completion for each queue that has something, whatever it has. */
  private static void flushes(RawConnection raw) {
    Memory mine = raw.register(10);
    raw.receive(mine, 0, 10);
    raw.send(mine, 0, 10);
    raw.send(mine, 0, 10);
    RawDriver.require(raw.flush());
    Done send = raw.driver.take(raw.sendCq);
    assertThat(send.error()).isTrue();
    assertThat(send.major()).isEqualTo(1);
    assertThat(send.sendQueue()).isTrue();
    Done receive = raw.driver.take(raw.receiveCq);
    assertThat(receive.major()).isEqualTo(1);
    assertThat(receive.sendQueue()).isFalse();
    Result nothing = raw.flush();
    assertThat(nothing.minor()).isEqualTo(0x8006);
    assertThat(raw.driver.poll(raw.sendCq)).isNull();
    assertThat(raw.driver.poll(raw.receiveCq)).isNull();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theHostResets(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          RawDriver.require(raw.toError(true));
          raw.driver.takeEvent(0x601);
          assertThat(peer.awaitEnd()).isEqualTo(new StreamEnd.Reset());
          RawDriver.require(raw.toError(true));
          raw.driver.takeEvent(0x603);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void silenceWhereNoResetIsWanted(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          RawDriver.require(raw.modify(6, 0));
          assertThat(peer.isRunning()).isTrue();
          assertThat(((IntelModel) raw.driver.window.model()).resources().quads()).isEqualTo(1);
        });
  }

  /** Also in the middle of a close. */
  @ParameterizedTest
  @MethodSource("kinds")
  void silenceWhileClosing(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          peer.stall();
          RawDriver.require(raw.modify(3, 0));
          RawDriver.require(raw.modify(6, 0));
          IntelModel model = (IntelModel) raw.driver.window.model();
          assertThat(model.resources().quads()).isEqualTo(1);
          peer.goOn();
          RawDriver.require(raw.destroy());
          raw.release();
          assertThat(model.resources().quads()).isZero();
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void closingComesAfterAllWork(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          peer.stall();
          Memory sink = raw.register(10);
          Region source = peer.register(10, Access.REMOTE_READ);
          raw.readFrom(sink, 10, source.stag(), source.taggedOffset());
          assertThat(raw.modify(3, 0).minor()).isEqualTo(0x8007);
          peer.goOn();
          raw.driver.take(raw.sendCq);
          RawDriver.require(raw.modify(3, 0));
          raw.driver.takeEvent(0x501);
        });
  }

  /** Errors that the device finds in the host's own work requests. */
  @ParameterizedTest
  @MethodSource("kinds")
  void localProtection(AdapterModelFactory kind) {
    wrongSend(kind, 0x102, (raw, mine) -> new long[] {mine.to(), raw.fragment(10, 0x77700)});
    wrongSend(
        kind, 0x106, (raw, mine) -> new long[] {mine.to(), raw.fragment(10, mine.stag() ^ 1)});
    wrongSend(
        kind, 0x108, (raw, mine) -> new long[] {mine.to() + 95, raw.fragment(10, mine.stag())});
    run(
        kind,
        (raw, peer) -> {
          Memory writable = raw.register(100, 0x2, false);
          raw.send(writable, 0, 10);
          raw.driver.takeEvent(0x109);
        });
  }

  private interface Fragment {
    long[] of(RawConnection raw, Memory mine);
  }

  private static void wrongSend(AdapterModelFactory kind, int code, Fragment fragment) {
    run(
        kind,
        (raw, peer) -> {
          Memory mine = raw.register(100);
          long[] words = fragment.of(raw, mine);
          int at = raw.post(words[0], words[1], 0, (3L << 32) | RawConnection.SIGNALLED);
          Event event = raw.driver.takeEvent(code);
          assertThat(event.source()).isEqualTo(5);
          assertThat((int) (event.word() >>> 18) & 0x7FFF).isEqualTo(at);
          RawDriver.require(terminate(raw, 0x00, 0x00));
          raw.driver.takeEvent(0x602);
          assertThat(peer.awaitEnd()).isInstanceOf(StreamEnd.TerminatedByPeer.class);
          RawDriver.require(raw.toError(false));
          RawDriver.require(raw.flush());
          assertThat(raw.driver.take(raw.sendCq).major()).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void opcodesThatAreNotModelled(AdapterModelFactory kind) {
    for (long opcode : new long[] {0x08, 0x09, 0x3A}) {
      run(
          kind,
          (raw, peer) -> {
            raw.post(0, raw.fragment(0, 0), 0, opcode << 32);
            raw.driver.takeEvent(0x20A);
          });
    }
  }

  /** A Send with Invalidate from the peer revokes the STag, and the completion says which. */
  @ParameterizedTest
  @MethodSource("kinds")
  void invalidation(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          Memory mine = raw.register(100);
          Memory other = raw.register(100);
          Region theirs = peer.register(10, Access.REMOTE_INVALIDATE);
          raw.receive(mine, 0, 10);
          peer.send(1, theirs, 0, 10, true, other.stag());
          Done done = raw.driver.take(raw.receiveCq);
          assertThat(done.hasStag()).isTrue();
          assertThat(done.stag()).isEqualTo(other.stag());
          peer.take();
          // Ours revokes theirs, and our own.
          peer.receive(2, peer.register(10), 0, 10);
          raw.post(
              mine.to(),
              raw.fragment(10, mine.stag()),
              0,
              Integer.toUnsignedLong(theirs.stag()) | (4L << 32) | RawConnection.SIGNALLED);
          raw.driver.take(raw.sendCq);
          assertThat(peer.take().invalidatedStag()).hasValue(theirs.stag());
          long stag = Integer.toUnsignedLong(mine.stag());
          raw.post(
              0,
              raw.driver.second ? stag : stag << 32,
              0,
              (0x0AL << 32) | (1L << 61) | RawConnection.SIGNALLED);
          assertThat(raw.driver.take(raw.sendCq).error()).isFalse();
          raw.send(mine, 0, 10);
          raw.driver.takeEvent(0x103);
        });
  }

  /** Memory goes although the peer does not read; what was on its way arrives all the same. */
  @ParameterizedTest
  @MethodSource("kinds")
  void memoryThatIsStillOnItsWay(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          int bytes = 2 << 20;
          Region theirs = peer.register(bytes, Access.REMOTE_WRITE);
          Memory mine = raw.register(bytes);
          byte[] data = TakeoverTest.fill(mine.segment(), 9);
          peer.stall();
          raw.write(mine, bytes, theirs.stag(), theirs.taggedOffset());
          RawDriver.require(raw.deregister(mine.stag()));
          mine.segment().fill((byte) 0);
          peer.goOn();
          // What had not left the ring's memory cannot be sent any more: the device says so.
          RawDriver.Event event = raw.driver.takeEvent(0x700);
          assertThat(event.id()).isEqualTo(raw.id);
          int same = java.util.Arrays.mismatch(data, TakeoverTest.bytes(theirs.segment()));
          assertThat(same).isGreaterThan(0);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void bytesInline(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          Region theirs = peer.register(20);
          peer.receive(1, theirs, 0, 20);
          long length = raw.driver.second ? 8 : 16;
          long first = raw.driver.second ? 0 : 0x0807_0605_0403_0201L;
          raw.post(
              first,
              0x1817_1615_1413_1211L,
              0,
              (3L << 32) | (length << 48) | (1L << 57) | RawConnection.SIGNALLED);
          raw.driver.take(raw.sendCq);
          assertThat(peer.take().bytes()).isEqualTo(length);
          assertThat(theirs.segment().get(java.lang.foreign.ValueLayout.JAVA_BYTE, length - 8))
              .isEqualTo((byte) 0x11);
        });
  }

  /** The whole ring, several times round; doorbells only where the shadow area wants them. */
  @ParameterizedTest
  @MethodSource("kinds")
  void roundTheRing(AdapterModelFactory kind) {
    run(
        kind,
        (raw, peer) -> {
          Memory mine = raw.register(8);
          Region theirs = peer.register(8, Access.REMOTE_WRITE);
          for (int i = 0; i < 3 * RawConnection.SQ_QUANTA; i++) {
            raw.write(mine, 8, theirs.stag(), theirs.taggedOffset());
            assertThat(raw.driver.take(raw.sendCq).error()).isFalse();
          }
          for (int i = 0; i < RawConnection.RQ_QUANTA; i++) {
            raw.receive(mine, 0, 8);
            peer.send(i, theirs, 0, 8);
            assertThat(raw.driver.take(raw.receiveCq).bytes()).isEqualTo(8);
          }
        });
  }
}

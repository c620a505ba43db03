package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import dev.offramp.models.intel.RawDriver.Result;
import dev.offramp.spi.port.DmaSlab;
import dev.offramp.spi.port.StreamPort;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** SUSPEND_QP, UPLOAD_CONTEXT and what follows: a connection on its way back to the host. */
final class HandBackTest {
  private static final int BYTES = 3000;
  private static final int SUSPEND_PENDING = 5;
  private static final int SUSPEND_COMPLETE = 0x900;

  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  /** An Initiator that runs, and its peer. */
  private static final class Running implements AutoCloseable {
    final SimulatedConnection connection;
    final RawConnection raw;
    final GoldenPeer peer;

    Running(Bench bench) {
      bench.driver.bringUp();
      connection = TakeoverTest.connect(bench, false);
      raw = new RawConnection(bench.driver, 3, connection.descriptor());
      peer = bench.peer(connection, MpaRole.RESPONDER);
      TakeoverTest.startAsInitiator(raw);
    }

    @Override
    public void close() {
      raw.close();
    }
  }

  private static Result suspend(RawConnection raw) {
    return raw.driver.command(0, 0, 0, raw.id | (0x29L << 32));
  }

  private static Result resume(RawConnection raw) {
    return raw.driver.command(0, 0, 0, raw.id | (0x2AL << 32));
  }

  private static Result upload(RawConnection raw, DmaSlab buffer, boolean freeze) {
    return raw.driver.command(
        0,
        0,
        buffer.deviceAddress(),
        raw.id | (0x13L << 32) | (1L << 48) | (freeze ? 1L << 62 : 0));
  }

  private static long word(DmaSlab buffer, int word) {
    return RawDriver.get(buffer.segment(), 8L * word);
  }

  private static int talk(RawConnection raw, GoldenPeer peer) {
    Memory mine = raw.register(BYTES);
    Region theirs = peer.register(BYTES);
    peer.receive(1, theirs, 0, BYTES);
    raw.send(mine, 0, BYTES);
    raw.driver.take(raw.sendCq);
    peer.take();
    raw.receive(mine, 0, BYTES);
    peer.send(2, theirs, 0, BYTES);
    raw.driver.take(raw.receiveCq);
    peer.take();
    return mine.stag();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theHostGoesOn(AdapterModelFactory kind) throws Exception {
    try (Bench bench = new Bench(kind)) {
      Running running = new Running(bench);
      RawConnection raw = running.raw;
      GoldenPeer peer = running.peer;
      int stag = talk(raw, peer);
      assertThat(suspend(raw)).isEqualTo(Result.OK);
      DmaSlab buffer = bench.driver.allocate(256, 256);
      RawDriver.require(upload(raw, buffer, true));

      // What the peer's TCP and engine say, mirrored.
      long sent = peer.ask(engine -> engine.received().streamBytes());
      long received = peer.ask(engine -> engine.sent().streamBytes());
      IwarpConnectionDescriptor before = running.connection.descriptor();
      long sndNxt = (before.value(DescriptorFields.SND_MAX) + sent) & 0xFFFF_FFFFL;
      long rcvNxt = (before.value(DescriptorFields.RCV_NXT) + received) & 0xFFFF_FFFFL;
      assertThat(word(buffer, 10) & 0xFFFF_FFFFL).isEqualTo(sndNxt);
      assertThat(word(buffer, 12)).isEqualTo(sndNxt | (sndNxt << 32));
      assertThat(word(buffer, 11) & 0xFFFF_FFFFL).isEqualTo(rcvNxt);
      assertThat(word(buffer, 3)).isEqualTo(raw.get(3));
      assertThat(word(buffer, 7)).isEqualTo(raw.get(7));

      // Given up without a segment; the host's TCP speaks next, with these numbers.
      long segments = bench.link.segmentCount();
      RawDriver.require(raw.toError(false));
      RawDriver.require(raw.deregister(stag));
      RawDriver.require(raw.destroy());
      raw.release();
      assertThat(bench.link.segmentCount()).isEqualTo(segments);
      StreamPort host =
          running.connection.resumeAtHost(
              before.toBuilder()
                  .present(DescriptorFields.SND_UNA, sndNxt, "upload")
                  .present(DescriptorFields.SND_NXT, sndNxt, "upload")
                  .present(DescriptorFields.SND_MAX, sndNxt, "upload")
                  .present(DescriptorFields.SND_WND, word(buffer, 10) >>> 32, "upload")
                  .present(DescriptorFields.SND_WL1, word(buffer, 15) & 0xFFFF_FFFFL, "upload")
                  .present(DescriptorFields.RCV_NXT, rcvNxt, "upload")
                  .present(DescriptorFields.RCV_WUP, rcvNxt, "upload")
                  .present(DescriptorFields.RCV_WND, word(buffer, 11) >>> 32, "upload")
                  .build());
      Region theirs = peer.register(10);
      peer.send(3, theirs, 0, 10);
      assertThat(peer.take().id()).isEqualTo(3);
      ByteBuffer[] into = {ByteBuffer.allocate(100)};
      assertThat(host.read(into, 0, 1)).isEqualTo(2 + 18 + 10 + 2 + 4);
      raw.close();
      bench.driver.shutDown();
      bench.assertClean();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void theDeviceGoesOn(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind);
        Running running = new Running(bench)) {
      RawConnection raw = running.raw;
      GoldenPeer peer = running.peer;
      talk(raw, peer);
      DmaSlab buffer = bench.driver.allocate(256, 256);
      // Without freeze it is only a look.
      RawDriver.require(upload(raw, buffer, false));
      talk(raw, peer);
      RawDriver.require(suspend(raw));
      RawDriver.require(upload(raw, buffer, true));
      assertThat(upload(raw, buffer, true).minor()).isEqualTo(CommandCodes.MINOR_INVALID_STATE);
      RawDriver.require(resume(raw));
      talk(raw, peer);
      assertThat(bench.model().violations()).isEmpty();
    }
  }

  /** A Read whose answer does not come keeps the QP from being quiet. */
  @ParameterizedTest
  @MethodSource("kinds")
  void suspensionTakesItsTime(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind);
        Running running = new Running(bench)) {
      RawConnection raw = running.raw;
      GoldenPeer peer = running.peer;
      Memory sink = raw.register(BYTES);
      Region source = peer.register(BYTES, dev.offramp.api.rdma.Access.REMOTE_READ);
      peer.stall();
      raw.readFrom(sink, BYTES, source.stag(), source.taggedOffset());
      Result pending = suspend(raw);
      assertThat(pending.error()).isFalse();
      assertThat(pending.minor()).isEqualTo(SUSPEND_PENDING);
      DmaSlab buffer = bench.driver.allocate(256, 256);
      Result refused = upload(raw, buffer, true);
      assertThat(refused.error()).isTrue();
      assertThat(refused.minor()).isEqualTo(SUSPEND_PENDING);
      // What is posted now waits.
      int later = raw.readFrom(sink, BYTES, source.stag(), source.taggedOffset());
      peer.goOn();
      bench.driver.take(raw.sendCq);
      bench.driver.takeEvent(SUSPEND_COMPLETE);
      RawDriver.require(upload(raw, buffer, true));
      assertThat(bench.driver.poll(raw.sendCq)).isNull();
      RawDriver.require(resume(raw));
      assertThat(bench.driver.take(raw.sendCq).wqeIndex()).isEqualTo(later);
      assertThat(bench.model().violations()).isEmpty();
    }
  }

  /** An FPDU has come but for an octet: the freeze fails, and input ends where that comes. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aFreezeEndsInputWhereAnFpduEnds(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind);
        Running running = new Running(bench)) {
      RawConnection raw = running.raw;
      GoldenPeer peer = running.peer;
      talk(raw, peer);
      RawDriver.require(suspend(raw));
      byte[] fpdu = emptyWrite();
      peer.raw(Arrays.copyOf(fpdu, fpdu.length - 1));
      DmaSlab buffer = bench.driver.allocate(256, 256);
      assertThat(upload(raw, buffer, true).minor()).isEqualTo(SUSPEND_PENDING);
      // The last octet, and more: the end of input is right behind the FPDU.
      byte[] rest = new byte[1 + fpdu.length];
      rest[0] = fpdu[fpdu.length - 1];
      System.arraycopy(fpdu, 0, rest, 1, fpdu.length);
      long before = running.connection.descriptor().value(DescriptorFields.RCV_NXT);
      peer.raw(rest);
      long sent = peer.ask(engine -> engine.sent().streamBytes());
      RawDriver.require(upload(raw, buffer, true));
      assertThat(word(buffer, 11) & 0xFFFF_FFFFL)
          .isEqualTo((before + sent + fpdu.length) & 0xFFFF_FFFFL);
      RawDriver.require(resume(raw));
      assertThat(bench.model().violations()).isEmpty();
    }
  }

  /** An MSS that makes no iWARP, and a next hop that is not there, are refused. */
  @ParameterizedTest
  @MethodSource("kinds")
  void aRunningConnectionIsRerouted(AdapterModelFactory kind) {
    try (Bench bench = new Bench(kind);
        Running running = new Running(bench)) {
      RawConnection raw = running.raw;
      GoldenPeer peer = running.peer;
      RawDriver.require(resize(raw, 600));
      assertThat(bench.model().routes()).extracting(IntelRoute::segmentBytes).containsExactly(600);
      talk(raw, peer);
      assertThat(resize(raw, 127).error()).isTrue();
      long place = raw.get(6);
      raw.put(6, (place & ~(0xFFFFL << 48)) | (77L << 48));
      assertThat(raw.modify(2, 1L << 59).error()).isTrue();
      raw.put(6, place);
      RawDriver.require(raw.modify(2, 1L << 59));
      talk(raw, peer);
    }
  }

  /** The FPDU of a Write of nothing: length 14, tagged and last, DDP and RDMAP version 1, CRC. */
  private static byte[] emptyWrite() {
    ByteBuffer fpdu = ByteBuffer.allocate(20);
    fpdu.putShort((short) 14).put((byte) 0xC1).put((byte) 0x40);
    CRC32C crc = new CRC32C();
    crc.update(fpdu.array(), 0, 16);
    return fpdu.putInt(16, Integer.reverseBytes((int) crc.getValue())).array();
  }

  /** MODIFY_QP to RTS with another MSS. */
  private static Result resize(RawConnection raw, int mss) {
    return raw.driver.command(
        0,
        (long) mss << 32,
        raw.context.deviceAddress(),
        raw.id | (1L << 32) | (1L << 48) | (1L << 52) | (2L << 60),
        0,
        raw.shadow.deviceAddress());
  }
}

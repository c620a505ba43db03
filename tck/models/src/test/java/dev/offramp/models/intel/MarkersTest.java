package dev.offramp.models.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.rdmap.Region;
import dev.offramp.iwarp.rdmap.StreamConfig;
import dev.offramp.models.AdapterModelFactory;
import dev.offramp.models.GoldenPeer;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.RawConnection.Memory;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Markers start where the context says, right or wrong. */
final class MarkersTest {
  private static final int BYTES = 4000;
  private static final int MARKER_MISMATCH = 0x504;

  static List<AdapterModelFactory> kinds() {
    return Bench.kinds();
  }

  private interface Script {
    void run(RawConnection raw, GoldenPeer peer);
  }

  private static void run(AdapterModelFactory kind, int sendLag, int receiveLag, Script script) {
    try (Bench bench = new Bench(kind)) {
      bench.driver.bringUp();
      SimulatedConnection connection = TakeoverTest.connect(bench, false);
      RawConnection raw = new RawConnection(bench.driver, 3, connection.descriptor());
      GoldenPeer peer = new GoldenPeer(bench.loop, bench.clock, connection.peer());
      peer.enterRdma(
          StreamConfig.builder(MpaRole.RESPONDER).markers(true, true).emss(1448).build());
      raw.claim();
      raw.writeContext();
      long send = connection.descriptor().value(DescriptorFields.SND_NXT) - sendLag;
      long receive = connection.descriptor().value(DescriptorFields.RCV_NXT) - receiveLag;
      raw.put(
          20,
          (raw.get(20) & 0xFFFF_FFFFL)
              | (1L << 22)
              | (1L << 29)
              | ((receive & 0x1FF) << 32)
              | ((send & 0x1FF) << 48));
      RawDriver.require(raw.toRts());
      script.run(raw, peer);
      raw.close();
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void bothWays(AdapterModelFactory kind) {
    run(
        kind,
        0,
        0,
        (raw, peer) -> {
          Memory mine = raw.register(BYTES);
          byte[] data = TakeoverTest.fill(mine.segment(), 5);
          Region theirs = peer.register(BYTES);
          peer.receive(1, theirs, 0, BYTES);
          raw.send(mine, 0, BYTES);
          raw.driver.take(raw.sendCq);
          peer.take();
          assertThat(TakeoverTest.bytes(theirs.segment())).isEqualTo(data);
          raw.receive(mine, 0, BYTES);
          peer.send(2, theirs, 0, BYTES);
          assertThat(raw.driver.take(raw.receiveCq).bytes()).isEqualTo(BYTES);
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsSentFromAWrongPlace(AdapterModelFactory kind) {
    run(
        kind,
        4,
        0,
        (raw, peer) -> {
          Memory mine = raw.register(BYTES);
          peer.receive(1, peer.register(BYTES), 0, BYTES);
          raw.send(mine, 0, BYTES);
          assertThat(peer.awaitEnd()).isNotNull();
        });
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void whatIsExpectedAtAWrongPlace(AdapterModelFactory kind) {
    run(
        kind,
        0,
        4,
        (raw, peer) -> {
          Memory mine = raw.register(BYTES);
          Region theirs = peer.register(BYTES);
          raw.receive(mine, 0, BYTES);
          raw.receive(mine, 0, BYTES);
          peer.receive(1, theirs, 0, BYTES);
          raw.send(mine, 0, BYTES);
          raw.driver.take(raw.sendCq);
          peer.take();
          peer.send(2, theirs, 0, BYTES);
          RawDriver.Event event = raw.driver.await("an error", raw.driver::pollEvent);
          assertThat(event.code()).isIn(MARKER_MISMATCH, 0x505);
        });
  }
}

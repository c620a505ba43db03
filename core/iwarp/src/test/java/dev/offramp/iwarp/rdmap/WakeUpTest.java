package dev.offramp.iwarp.rdmap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.iwarp.mpa.TransmitBatch;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The zero-length Write that frees a Linux siw which missed the first FPDU. */
final class WakeUpTest {
  private static final long PAUSE_NANOS = 25_000_000;

  /** As in docs/siw.md: c1 40, STag 0, tagged offset 0. */
  private static final String EMPTY_WRITE = "c140" + "00000000" + "0000000000000000";

  private final RdmapStream stream = stream(MpaRole.INITIATOR, PAUSE_NANOS);
  private long nowNanos = 7_000;

  private static RdmapStream stream(MpaRole role, long pauseNanos) {
    return new RdmapStream(
        StreamConfig.builder(role).wakeUpNanos(pauseNanos).build(),
        new MemoryTable(new SplittableRandom(7), 16));
  }

  @Test
  void threeAreSentToASilentPeerEachAfterALongerPause() {
    send(stream);
    assertThat(take(stream)).hasSize(1);
    for (long pause : new long[] {PAUSE_NANOS, 10 * PAUSE_NANOS, 100 * PAUSE_NANOS}) {
      assertThat(stream.nextDeadlineNanos()).isEqualTo(nowNanos + pause);
      nowNanos += pause - 1;
      assertThat(take(stream)).isEmpty();
      nowNanos++;
      assertThat(take(stream)).containsExactly(EMPTY_WRITE);
    }
    assertThat(stream.nextDeadlineNanos()).isEqualTo(RdmapStream.NO_DEADLINE);
    nowNanos += 1000 * PAUSE_NANOS;
    assertThat(take(stream)).isEmpty();
  }

  @Test
  void noneIsSentOnceThePeerWasHeard() {
    send(stream);
    assertThat(take(stream)).hasSize(1);
    stream.receive(ByteBuffer.wrap(Wire.fpdu(Wire.write(0, 0, ""))));
    assertThat(stream.nextDeadlineNanos()).isEqualTo(RdmapStream.NO_DEADLINE);
    nowNanos += PAUSE_NANOS;
    assertThat(take(stream)).isEmpty();
  }

  @Test
  void noneIsSentBeforeTheFirstFpdu() {
    assertThat(take(stream)).isEmpty();
    assertThat(stream.nextDeadlineNanos()).isEqualTo(RdmapStream.NO_DEADLINE);
    nowNanos += PAUSE_NANOS;
    assertThat(take(stream)).isEmpty();
  }

  @Test
  void closingWaitsForTheFirstOne() {
    send(stream);
    assertThat(take(stream)).hasSize(1);
    stream.closeRequested();
    assertThat(stream.wantsHalfClose()).isFalse();
    nowNanos += PAUSE_NANOS;
    assertThat(take(stream)).containsExactly(EMPTY_WRITE);
    assertThat(stream.wantsHalfClose()).isTrue();
    assertThat(take(stream)).isEmpty();
  }

  @Test
  void closingWaitsForNothingWhenThePeerWasHeardOrNothingWasSent() {
    RdmapStream silent = stream(MpaRole.INITIATOR, PAUSE_NANOS);
    silent.closeRequested();
    assertThat(silent.wantsHalfClose()).isTrue();

    send(stream);
    assertThat(take(stream)).hasSize(1);
    stream.receive(ByteBuffer.wrap(Wire.fpdu(Wire.write(0, 0, ""))));
    stream.closeRequested();
    assertThat(stream.wantsHalfClose()).isTrue();
  }

  @Test
  void aTerminateIsTheLastFpduWhateverIsDue() {
    send(stream);
    assertThat(take(stream)).hasSize(1);
    stream.terminate(TerminateCause.RDMAP_LOCAL_CATASTROPHIC, "a test");
    nowNanos += PAUSE_NANOS;
    assertThat(take(stream)).hasSize(1);
    nowNanos += 10 * PAUSE_NANOS;
    assertThat(take(stream)).isEmpty();
    assertThat(stream.wantsHalfClose()).isTrue();
    assertThat(stream.nextDeadlineNanos()).isEqualTo(RdmapStream.NO_DEADLINE);
  }

  @Test
  void aResponderAndOneWhoseSettingIsOffNeverDo() {
    for (RdmapStream other :
        List.of(stream(MpaRole.RESPONDER, PAUSE_NANOS), stream(MpaRole.INITIATOR, 0))) {
      other.receive(ByteBuffer.wrap(Wire.fpdu(Wire.write(0, 0, ""))));
      send(other);
      assertThat(take(other)).hasSize(1);
      assertThat(other.nextDeadlineNanos()).isEqualTo(RdmapStream.NO_DEADLINE);
      other.closeRequested();
      assertThat(other.wantsHalfClose()).isTrue();
    }
  }

  private static void send(RdmapStream stream) {
    assertThat(stream.postSend(1, new LocalBuffers(1), false, false, 0)).isEqualTo(Posted.ACCEPTED);
  }

  private List<String> take(RdmapStream from) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (TransmitBatch batch = from.pollTransmit(nowNanos);
        !batch.isEmpty();
        batch = from.pollTransmit(nowNanos)) {
      for (int i = 0; i < batch.length(); i++) {
        ByteBuffer buffer = batch.buffers()[batch.offset() + i];
        byte[] some = new byte[buffer.remaining()];
        buffer.get(some);
        out.writeBytes(some);
      }
      from.transmitted();
    }
    return Wire.ulpdus(out.toByteArray());
  }
}

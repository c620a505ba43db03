package dev.offramp.models.chelsio;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.models.Faults;
import dev.offramp.models.chelsio.Session.Shape;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The streaming mode: bytes of the host's, bytes for the host, credits. */
@Timeout(120)
final class StreamingTest {
  private static final int RX_DATA = 0x39;
  private static final int FW4_ACK = 0xC3;

  private static byte[] random(int size) {
    byte[] bytes = new byte[size];
    new SplittableRandom(size).nextBytes(bytes);
    return bytes;
  }

  /** FW_OFLD_TX_DATA_WR with bytes in the work request, and with bytes elsewhere. */
  @ParameterizedTest
  @EnumSource
  void sends(ChelsioChip chip) {
    try (Session session = new Session(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      script.takeOver();
      assertThat(script.activate()).isZero();
      byte[] bytes = random(3000);
      script.stream(Octets.copyOf(Arrays.copyOf(bytes, 1000)));

      var slab = session.rig().allocate(4096);
      slab.segment()
          .asSlice(0, 2000)
          .copyFrom(java.lang.foreign.MemorySegment.ofArray(Arrays.copyOfRange(bytes, 1000, 3000)));
      Raw wr =
          Raw.of(64)
              .u32(0, 0x0B << 24 | 1 << 21)
              .u32(4, script.tid() << 8 | 4)
              .u32(8, 2000)
              .u32(12, 1 << 29)
              .u32(16, 0x82 << 24 | 3)
              .u32(20, 500)
              .u64(24, slab.deviceAddress())
              .u32(32, 1)
              .u32(36, 1499)
              .u64(40, slab.deviceAddress() + 500)
              .u64(48, slab.deviceAddress() + 501);
      session.driver().offload().post(wr);
      Raw ack = session.driver().messages().take(FW4_ACK);
      assertThat(ack.u8(4)).isEqualTo(4);
      assertThat(ack.u8(7)).isEqualTo(1);
      assertThat(session.peer().awaitStreamed(3000)).isEqualTo(bytes);
      session.abortAndFree();
    }
  }

  /** What was on its way when the connection moved is sent again, from the TCB's SND_UNA on. */
  @ParameterizedTest
  @EnumSource
  void sendsAgainWhatWasLost(ChelsioChip chip) {
    byte[] lost = random(5000);
    try (Session session = new Session(Shape.plain(chip, false), Faults.NONE, lost)) {
      session.script().takeOver();
      // Whatever is behind what was lost belongs to RDMA mode: the Reply is sent before it.
      assertThat(session.script().activate()).isZero();
      session.script().stream(Octets.copyOf(lost));
      assertThat(session.peer().awaitStreamed(lost.length)).isEqualTo(lost);
      session.abortAndFree();
    }
  }

  /** The peer sends more than the window; the host gives credits back. */
  @ParameterizedTest
  @EnumSource
  void receivesByCredits(ChelsioChip chip) {
    try (Session session = new Session(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      script.nextHop();
      assertThat(script.open(script.connection())).isZero();
      script.loadTcb();
      // A window of 10000 to begin with; the connection's own is larger.
      script.set(17, 10, 28, 10_000);
      assertThat(script.own()).isZero();
      script.flowc();
      assertThat(script.makeQueues()).isZero();
      assertThat(script.activate()).isZero();
      byte[] bytes = random(40_000);
      session.peer().stream(bytes);
      ByteArrayOutputStream received = new ByteArrayOutputStream();
      int sequence = 0;
      while (received.size() < bytes.length) {
        Raw data = session.driver().messages().take(RX_DATA);
        int length = data.u16(6);
        if (received.size() > 0) {
          assertThat(data.u32(8)).isEqualTo(sequence);
        }
        sequence = data.u32(8) + length;
        assertThat(data.u8(15)).isZero();
        received.write(data.bytes(), 16, length);
        if (received.size() % 10_000 == 0) {
          // Everything that there was credit for is here, and nothing more comes.
          session.rig().settle();
          session.rig().settle();
          assertThat(session.driver().messages().poll()).isNull();
          session.driver().offload().post(script.message(0x0D, 8).u32(20, 1 << 28 | 10_000));
        }
      }
      assertThat(received.toByteArray()).isEqualTo(bytes);
      session.abortAndFree();
    }
  }

  /** Quiesced by halves: it listens and does not speak, or the other way round. */
  @ParameterizedTest
  @EnumSource
  void quiescedByHalves(ChelsioChip chip) {
    try (Session session = new Session(Shape.plain(chip, true))) {
      ScriptedConnection script = session.script();
      script.takeOver();
      assertThat(script.activate()).isZero();
      assertThat(script.setAnswered(1, 1 << 14, 1 << 14)).isZero();
      session.driver().offload().post(script.data(random(100)));
      session.peer().stream(random(50));
      assertThat(session.driver().messages().take(RX_DATA).u16(6)).isEqualTo(50);
      assertThat(script.setAnswered(1, 3 << 14, 1 << 15)).isZero();
      assertThat(session.driver().messages().take(FW4_ACK).u8(4)).isEqualTo(8);
      assertThat(session.peer().awaitStreamed(100)).isEqualTo(random(100));
      session.peer().stream(random(60));
      session.rig().settle();
      session.rig().settle();
      assertThat(session.driver().messages().poll()).isNull();
      assertThat(script.setAnswered(1, 1 << 15, 0)).isZero();
      assertThat(session.driver().messages().take(RX_DATA).u16(6)).isEqualTo(60);
      session.abortAndFree();
    }
  }
}

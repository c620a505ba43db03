package dev.offramp.iwarp.mpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.conformance.Rows;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;

/** A stranger's bytes: typed outcomes only, and no byte too many. */
final class MpaFuzzTest {
  @FuzzTest
  @Tag("fuzz")
  @Rows({28, 33, 35, 37, 41})
  void startUpSurvivesAnything(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    boolean initiator = (bytes[0] & 1) != 0;
    int cut = 1 + ((bytes[0] & 0xFF) >> 1);
    MpaStartup startup = new MpaStartup((initiator ? Mpa.initiator() : Mpa.responder()).build(), 0);
    int at = 1;
    int consumed = 0;
    while (at < bytes.length) {
      int count = Math.min(cut, bytes.length - at);
      consumed += startup.receive(ByteBuffer.wrap(bytes, at, count));
      at += count;
    }
    assertThat(consumed).isLessThanOrEqualTo(MpaFrame.HEADER_BYTES + MpaFrame.MAX_PD_LENGTH);
    if (startup.state() == MpaStartup.State.DECIDING) {
      startup.decide(MpaDecision.accept());
    }
    if (startup.state() == MpaStartup.State.AGREED) {
      assertThat(startup.result().privateData()).isEqualTo(startup.peer().privateData());
    } else {
      startup.handleTimeout(Long.MAX_VALUE / 2);
      assertThat(startup.failure()).isPresent();
    }
  }

  @FuzzTest
  @Tag("fuzz")
  @Rows({31, 75})
  void framesThatAreAcceptedCanBeEncodedAgain(byte[] bytes) {
    for (boolean reply : new boolean[] {false, true}) {
      MpaFrameReader reader = new MpaFrameReader(reply);
      ByteBuffer input = ByteBuffer.wrap(bytes);
      if (reader.receive(input) == MpaFrameReader.Verdict.COMPLETE) {
        ByteBuffer again = reader.frame().encode();
        assertThat(again.remaining()).isEqualTo(input.position());
        MpaFrameReader second = new MpaFrameReader(reply);
        assertThat(second.receive(again)).isEqualTo(MpaFrameReader.Verdict.COMPLETE);
        assertThat(second.frame()).isEqualTo(reader.frame());
      }
    }
  }

  @FuzzTest
  @Tag("fuzz")
  @Rows({15, 24, 47})
  void theDecoderNeverReadsBeyondWhatItGot(byte[] bytes) {
    if (bytes.length < 2) {
      return;
    }
    FpduDecoder decoder =
        new FpduDecoder(
            (bytes[0] & 1) != 0,
            (bytes[0] & 2) != 0,
            (bytes[1] & 0x7FL) << 2,
            FpduDecoder.MIN_STAGING_BYTES);
    byte[] input = Arrays.copyOfRange(bytes, 2, bytes.length);
    int at = 0;
    while (at < input.length) {
      ByteBuffer buffer = decoder.buffer();
      int count = Math.min(input.length - at, buffer.remaining());
      buffer.put(input, at, count);
      decoder.received(count);
      at += count;
      FpduDecoder.Verdict verdict = decoder.next();
      while (verdict == FpduDecoder.Verdict.ULPDU) {
        assertThat(decoder.ulpduOffset() + decoder.ulpduLength())
            .isLessThanOrEqualTo(decoder.bytes().capacity());
        verdict = decoder.next();
      }
      if (verdict != FpduDecoder.Verdict.NEED_MORE) {
        return;
      }
    }
  }
}

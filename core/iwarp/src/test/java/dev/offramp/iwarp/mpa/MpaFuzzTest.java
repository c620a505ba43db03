package dev.offramp.iwarp.mpa;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.offramp.api.mpa.Mpa;
import dev.offramp.api.mpa.MpaDecision;
import dev.offramp.api.mpa.MpaFailure;
import dev.offramp.api.mpa.MpaOptions;
import dev.offramp.api.mpa.RtrKind;
import dev.offramp.conformance.Rows;
import dev.offramp.iwarp.AllocationBound;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;

/**
 * A stranger's bytes: typed outcomes only, no byte too many, and no more memory than they are
 * worth. {@code etc/fuzz} runs campaigns of these targets.
 */
final class MpaFuzzTest {
  /** A frame, its private data twice, and the texts of a refusal. */
  private static final int STARTUP_LIMIT_BYTES = 16 * 1024;

  /** The decoder allocates nothing while it keeps what it has borrowed. */
  private static final int DECODER_LIMIT_BYTES = 0;

  /** One that gives its memory back between reads borrows once of each size. */
  private static final int LENDING_LIMIT_BYTES = 8 * 1024;

  private static final int REVISION_1 = 1;
  private static final int PEER_TO_PEER = 2;
  private static final int MARKERS = 4;
  private static final int WITHOUT_CRC = 8;
  private static final int REJECT = 16;

  /** First octet: how TCP cuts what follows; second octet: this end's options. */
  @FuzzTest
  @Tag("fuzz")
  @Rows({28, 33, 35, 37, 41})
  void initiatorStartUp(byte[] bytes) {
    if (bytes.length >= 2) {
      AllocationBound.check(STARTUP_LIMIT_BYTES, () -> startUp(true, bytes));
    }
  }

  /** The same for a Responder. */
  @FuzzTest
  @Tag("fuzz")
  @Rows({28, 33, 35, 37, 41})
  void responderStartUp(byte[] bytes) {
    if (bytes.length >= 2) {
      AllocationBound.check(STARTUP_LIMIT_BYTES, () -> startUp(false, bytes));
    }
  }

  private static MpaOptions options(boolean initiator, int bits) {
    boolean enhanced = (bits & REVISION_1) == 0;
    boolean peerToPeer = enhanced && (bits & PEER_TO_PEER) != 0;
    return (initiator ? Mpa.initiator() : Mpa.responder())
        .revision(enhanced ? 2 : 1)
        .peerToPeer(peerToPeer ? EnumSet.of(RtrKind.WRITE, RtrKind.READ) : Set.of())
        .receiveMarkers((bits & MARKERS) != 0)
        .crc((bits & WITHOUT_CRC) == 0)
        .readDepths(4, 4)
        .build();
  }

  private static long startUp(boolean initiator, byte[] bytes) {
    int cut = 1 + (bytes[0] & 0xFF);
    MpaOptions options = options(initiator, bytes[1]);
    ByteBuffer wire = ByteBuffer.wrap(bytes).position(2);
    long before = AllocationBound.now();
    MpaStartup startup = new MpaStartup(options, 0);
    int consumed = 0;
    while (wire.position() < bytes.length && isWaiting(startup)) {
      wire.limit(Math.min(bytes.length, wire.position() + cut));
      consumed += startup.receive(wire);
    }
    if (!isWaiting(startup) && startup.receive(wire.clear()) != 0) {
      throw new AssertionError("bytes were consumed after the frame");
    }
    if (startup.state() == MpaStartup.State.DECIDING) {
      startup.decide(
          (bytes[1] & REJECT) == 0
              ? MpaDecision.accept()
              : MpaDecision.reject(startup.peer().privateData()));
    }
    startup.handleTimeout(Long.MAX_VALUE / 2);
    long allocated = AllocationBound.now() - before;
    check(startup, consumed, bytes.length - 2);
    return allocated;
  }

  private static boolean isWaiting(MpaStartup startup) {
    return startup.state() == MpaStartup.State.AWAITING_REPLY
        || startup.state() == MpaStartup.State.AWAITING_REQUEST;
  }

  private static void check(MpaStartup startup, int consumed, int offered) {
    if (consumed > Math.min(offered, MpaFrame.HEADER_BYTES + MpaFrame.MAX_PD_LENGTH)) {
      throw new AssertionError(consumed + " bytes consumed of " + offered);
    }
    if (startup.state() == MpaStartup.State.AGREED) {
      if (!startup.result().privateData().equals(startup.peer().privateData())) {
        throw new AssertionError("private data");
      }
    } else {
      MpaFailure failure = startup.failure().orElseThrow();
      if (startup.state() != MpaStartup.State.FAILED || startup.message().isEmpty()) {
        throw new AssertionError(failure + " in state " + startup.state());
      }
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

  /** First octet: CRC, markers, cuts; second octet: where the stream stands. */
  @FuzzTest
  @Tag("fuzz")
  @Rows({15, 24, 47})
  void theDecoderNeverReadsBeyondWhatItGot(byte[] bytes) {
    if (bytes.length >= 2) {
      boolean gives = bytes[1] < 0;
      AllocationBound.check(
          gives ? LENDING_LIMIT_BYTES : DECODER_LIMIT_BYTES, () -> decode(bytes, gives));
    }
  }

  private static long decode(byte[] bytes, boolean gives) {
    long start = (bytes[1] & 0x7FL) << 2;
    int cut = (bytes[0] & 4) == 0 ? Integer.MAX_VALUE : 1 + ((bytes[0] & 0xFF) >> 3);
    FpduDecoder decoder =
        new FpduDecoder(
            (bytes[0] & 1) != 0, (bytes[0] & 2) != 0, start, FpduDecoder.MIN_STAGING_BYTES);
    decoder.buffer(); // borrowed from now on
    long before = AllocationBound.now();
    int at = 2;
    FpduDecoder.Verdict verdict = FpduDecoder.Verdict.NEED_MORE;
    while (at < bytes.length && verdict == FpduDecoder.Verdict.NEED_MORE) {
      ByteBuffer buffer = decoder.buffer();
      int count = Math.min(Math.min(cut, bytes.length - at), buffer.remaining());
      buffer.put(bytes, at, count);
      decoder.received(count);
      at += count;
      verdict = decoder.next();
      while (verdict == FpduDecoder.Verdict.ULPDU) {
        if (decoder.ulpduOffset() + decoder.ulpduLength() > decoder.bytes().capacity()) {
          throw new AssertionError("a ULPDU beyond the staging buffer");
        }
        verdict = decoder.next();
      }
      if (decoder.position() - start + decoder.unfinishedBytes() != at - 2) {
        throw new AssertionError("octets were lost or made up");
      }
      if (gives) {
        decoder.releaseIdleMemory();
      }
    }
    return AllocationBound.now() - before;
  }
}

package dev.offramp.api.mpa;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.offramp.api.descriptor.Octets;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MpaOptionsTest {
  private static final MpaRequest REQUEST =
      new MpaRequest(2, true, true, false, 1, 2, false, Octets.empty());

  @Test
  void defaults() {
    MpaOptions options = Mpa.initiator().build();
    assertThat(options.role()).isEqualTo(MpaRole.INITIATOR);
    assertThat(options.revision()).isEqualTo(2);
    assertThat(options.crc()).isTrue();
    assertThat(options.receiveMarkers()).isFalse();
    assertThat(options.ird()).isEqualTo(16);
    assertThat(options.ord()).isEqualTo(16);
    assertThat(options.rtrKinds()).isEmpty();
    assertThat(options.privateData()).isEqualTo(Octets.empty());
    assertThat(options.timeout()).isEqualTo(Duration.ofSeconds(10));
    assertThat(Mpa.responder().build().role()).isEqualTo(MpaRole.RESPONDER);
    assertThat(Mpa.responder().build().policy().decide(REQUEST).accepted()).isTrue();
  }

  @Test
  void keepsWhatIsGiven() {
    MpaDecision no = MpaDecision.reject(Octets.copyOf(new byte[] {1}));
    MpaOptions options =
        Mpa.responder(request -> no)
            .crc(false)
            .receiveMarkers(true)
            .readDepths(0, 16383)
            .peerToPeer(EnumSet.of(RtrKind.READ, RtrKind.SEND))
            .privateData(ByteBuffer.wrap(new byte[] {7, 8}))
            .lastStreamingMessage(Octets.copyOf(new byte[] {9}))
            .timeout(Duration.ofNanos(1))
            .build();
    assertThat(options.policy().decide(REQUEST)).isSameAs(no);
    assertThat(options.crc()).isFalse();
    assertThat(options.receiveMarkers()).isTrue();
    assertThat(options.ird()).isZero();
    assertThat(options.ord()).isEqualTo(16383);
    assertThat(options.rtrKinds()).containsExactly(RtrKind.SEND, RtrKind.READ);
    assertThat(options.privateData().toByteArray()).containsExactly(7, 8);
    assertThat(options.lastStreamingMessage().toByteArray()).containsExactly(9);
  }

  @ParameterizedTest
  @CsvSource({"1, 512", "2, 508"})
  void privateDataLeavesRoomForTheEnhancedBlock(int revision, int room) {
    MpaOptions.Builder builder =
        Mpa.initiator().revision(revision).privateData(Octets.copyOf(new byte[room]));
    assertThat(builder.build().privateData().length()).isEqualTo(room);
    builder.privateData(Octets.copyOf(new byte[room + 1]));
    assertRefused(builder, "private data bytes", "0.." + room);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, -1})
  void onlyTwoRevisions(int revision) {
    assertRefused(Mpa.initiator().revision(revision), "revision", "1 or 2");
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 16384, Integer.MAX_VALUE})
  void depthsHave14Bits(int depth) {
    assertRefused(Mpa.initiator().readDepths(depth, 0), "ird", "0..16383");
    assertRefused(Mpa.initiator().readDepths(0, depth), "ord", "0..16383");
  }

  @Test
  void timeIsLimitedAndPositive() {
    assertRefused(Mpa.initiator().timeout(Duration.ZERO), "timeout", "positive");
    assertRefused(Mpa.initiator().timeout(Duration.ofSeconds(-1)), "timeout", "positive");
  }

  @Test
  void peerToPeerNamesItsIndicationAndNeedsRevision2() {
    assertRefused(Mpa.initiator().peerToPeer(EnumSet.of(RtrKind.NONE)), "rtrKinds", "SEND");
    MpaOptions.Builder builder = Mpa.initiator().peerToPeer(EnumSet.of(RtrKind.WRITE));
    assertThat(builder.build().rtrKinds()).containsExactly(RtrKind.WRITE);
    assertRefused(builder.revision(1), "rtrKinds", "revision 2");
  }

  @Test
  void kindsAreCopied() {
    Set<RtrKind> kinds = EnumSet.of(RtrKind.SEND);
    MpaOptions options = Mpa.initiator().peerToPeer(kinds).build();
    kinds.add(RtrKind.NONE);
    assertThat(options.rtrKinds()).containsExactly(RtrKind.SEND);
    assertThatThrownBy(() -> options.rtrKinds().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void lastMessageChangesNothingElse() {
    MpaDecision decision = MpaDecision.reject(Octets.copyOf(new byte[] {1}));
    MpaDecision after = decision.after(Octets.copyOf(new byte[] {2}));
    assertThat(after.accepted()).isFalse();
    assertThat(after.privateData()).isEqualTo(decision.privateData());
    assertThat(after.lastStreamingMessage().toByteArray()).containsExactly(2);
    assertThat(MpaDecision.accept().accepted()).isTrue();
  }

  /** RFC 5044, 7.1.2: a rejection, by either end, leaves the TCP connection open. */
  @ParameterizedTest
  @EnumSource(MpaFailure.class)
  void rejectionsLeaveTcpOpen(MpaFailure failure) {
    Set<MpaFailure> open =
        EnumSet.of(
            MpaFailure.REJECTED_BY_PEER,
            MpaFailure.REJECTED_LOCALLY,
            MpaFailure.UNACCEPTABLE_REPLY);
    MpaException exception = new MpaException(failure, "seen that");
    assertThat(exception.isTcpUsable()).isEqualTo(open.contains(failure));
    assertThat(exception.failure()).isEqualTo(failure);
    assertThat(exception).hasMessage(failure + ": seen that");
    assertThat(exception.privateData()).isEqualTo(Octets.empty());
  }

  private static void assertRefused(MpaOptions.Builder builder, String what, String expected) {
    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageStartingWith("MPA option " + what + ": seen [")
        .withMessageContaining(expected);
  }
}

package dev.offramp.api.descriptor;

import static dev.offramp.api.descriptor.DescriptorFields.*;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule between fields, kept and broken. */
final class DescriptorRulesTest {
  private static final String SOURCE = Descriptors.SOURCE;
  private static final long MAX = 0xFFFF_FFFFL;

  private static void assertValid(IwarpConnectionDescriptor.Builder builder) {
    assertThatCode(builder::build).doesNotThrowAnyException();
  }

  private static void assertBroken(FieldKey<?> field, IwarpConnectionDescriptor.Builder builder) {
    assertThatExceptionOfType(InvalidDescriptorException.class)
        .isThrownBy(builder::build)
        .withMessageContaining("expected ")
        .satisfies(e -> assertThat(e.field()).isEqualTo(field.path()));
  }

  @Nested
  final class Addresses {
    @Test
    void bothEndsAreEnough() {
      assertValid(Descriptors.minimal());
      assertValid(Descriptors.minimalV6());
    }

    @Test
    void bothEndsAreNeeded() {
      assertBroken(LOCAL_ADDRESS, IwarpConnectionDescriptor.builder());
      assertBroken(LOCAL_ADDRESS, Descriptors.minimal().absent(LOCAL_ADDRESS, "lost"));
      assertBroken(REMOTE_ADDRESS, Descriptors.minimal().absent(REMOTE_ADDRESS, "lost"));
    }

    @Test
    void ofOneFamily() {
      assertBroken(
          REMOTE_ADDRESS,
          Descriptors.minimal()
              .present(REMOTE_ADDRESS, Descriptors.socket("2001:db8::2", 1), SOURCE));
      assertBroken(
          REMOTE_ADDRESS,
          Descriptors.minimalV6()
              .present(REMOTE_ADDRESS, Descriptors.socket("192.0.2.2", 1), SOURCE));
    }

    @Test
    void onlyIpv4IsMapped() {
      assertValid(Descriptors.minimal().present(V4_MAPPED_SOCKET, true, SOURCE));
      assertValid(Descriptors.minimalV6().present(V4_MAPPED_SOCKET, false, SOURCE));
      assertBroken(
          V4_MAPPED_SOCKET, Descriptors.minimalV6().present(V4_MAPPED_SOCKET, true, SOURCE));
    }

    @Test
    void onlyIpv6HasAFlowLabel() {
      assertValid(Descriptors.minimalV6().present(FLOW_LABEL, 0xABCDE, SOURCE));
      assertValid(Descriptors.minimal().absent(FLOW_LABEL, "IPv4"));
      assertBroken(FLOW_LABEL, Descriptors.minimal().present(FLOW_LABEL, 0, SOURCE));
    }
  }

  @Nested
  final class SendSequence {
    private IwarpConnectionDescriptor.Builder sent(long una, long nxt, long max) {
      return Descriptors.minimal()
          .present(SND_UNA, una, SOURCE)
          .present(SND_NXT, nxt, SOURCE)
          .present(SND_MAX, max, SOURCE);
    }

    @ParameterizedTest
    @CsvSource({
      "100, 100, 100",
      "100, 100, 200",
      "100, 200, 200",
      "100, 150, 200",
      "4294967290, 4, 10",
      "4294967290, 4294967295, 10",
      "4294967290, 0, 0"
    })
    void nextIsBetween(long una, long nxt, long max) {
      assertValid(sent(una, nxt, max));
    }

    @ParameterizedTest
    @CsvSource({
      "100, 99, 200",
      "100, 201, 200",
      "4294967290, 11, 10",
      "4294967290, 4294967289, 10"
    })
    void nextIsNotBetween(long una, long nxt, long max) {
      assertBroken(SND_NXT, sent(una, nxt, max));
    }

    @Test
    void queueCoversTheSpan() {
      Octets ten = Octets.copyOf(new byte[10]);
      assertValid(sent(100, 100, 110).present(UNACKNOWLEDGED, ten, SOURCE));
      assertValid(sent(MAX - 4, 0, 5).present(UNACKNOWLEDGED, ten, SOURCE));
      assertBroken(UNACKNOWLEDGED, sent(100, 100, 111).present(UNACKNOWLEDGED, ten, SOURCE));
      assertBroken(UNACKNOWLEDGED, sent(100, 100, 109).present(UNACKNOWLEDGED, ten, SOURCE));
      assertBroken(
          UNACKNOWLEDGED, sent(100, 100, 101).present(UNACKNOWLEDGED, Octets.empty(), SOURCE));
    }

    @Test
    void withoutBothEndsThereIsNothingToCompare() {
      assertValid(sent(100, 99, 200).absent(SND_UNA, "unknown"));
      assertValid(sent(100, 99, 200).absent(SND_MAX, "unknown"));
      assertValid(sent(100, 99, 200).absent(SND_NXT, "unknown"));
    }
  }

  @Nested
  final class ReceiveSequence {
    private IwarpConnectionDescriptor.Builder received(long wup, long nxt) {
      return Descriptors.minimal().present(RCV_WUP, wup, SOURCE).present(RCV_NXT, nxt, SOURCE);
    }

    @Test
    void windowUpdateIsNotAheadOfNext() {
      assertValid(received(5, 5));
      assertValid(received(MAX, 5));
      assertValid(received(5, 5 + MAX_QUEUE_BYTES));
      assertBroken(RCV_WUP, received(6, 5));
      assertBroken(RCV_WUP, received(5, 6 + MAX_QUEUE_BYTES));
    }

    @Test
    void withoutBothThereIsNothingToCompare() {
      assertValid(received(6, 5).absent(RCV_WUP, "unknown"));
      assertValid(received(6, 5).absent(RCV_NXT, "unknown"));
    }
  }

  @Nested
  final class WindowScaling {
    static List<FieldKey<Integer>> scales() {
      return List.of(SEND_WINDOW_SCALE, RECEIVE_WINDOW_SCALE);
    }

    @ParameterizedTest
    @MethodSource("scales")
    void scaleNeedsTheOption(FieldKey<Integer> scale) {
      IwarpConnectionDescriptor.Builder off =
          Descriptors.minimal().present(WINDOW_SCALING, false, SOURCE);
      assertValid(off.present(scale, 0, SOURCE));
      assertValid(off.absent(scale, "not negotiated"));
      assertBroken(scale, off.present(scale, 1, SOURCE));
      assertValid(off.present(WINDOW_SCALING, true, SOURCE));
      assertValid(off.absent(WINDOW_SCALING, "unknown"));
    }
  }

  @Nested
  final class Iwarp {
    static List<FieldKey<?>> neededOnceStarted() {
      return List.of(MPA_ROLE, MPA_REVISION, MPA_CRC, MPA_SEND_MARKERS, MPA_RECEIVE_MARKERS);
    }

    @ParameterizedTest
    @MethodSource("neededOnceStarted")
    void startUpSettlesThese(FieldKey<?> field) {
      assertValid(Descriptors.started(IwarpPhase.STARTED));
      assertBroken(field, Descriptors.started(IwarpPhase.STARTED).absent(field, "lost"));
      assertBroken(
          field,
          Descriptors.started(IwarpPhase.RDMA)
              .present(RECEIVE_MSN, 1L, SOURCE)
              .absent(field, "lost"));
      assertValid(Descriptors.started(IwarpPhase.STREAMING).absent(field, "not yet"));
    }

    @ParameterizedTest
    @EnumSource(RtrKind.class)
    void readyToReceiveNeedsRevision2(RtrKind kind) {
      IwarpConnectionDescriptor.Builder builder =
          Descriptors.started(IwarpPhase.STARTED).present(RTR, kind, SOURCE);
      assertValid(builder);
      builder.present(MPA_REVISION, 1, SOURCE);
      if (kind == RtrKind.NONE) {
        assertValid(builder);
      } else {
        assertBroken(RTR, builder);
      }
    }

    @Test
    void rdmaPhaseKnowsWhatItExpects() {
      IwarpConnectionDescriptor.Builder rdma = Descriptors.started(IwarpPhase.RDMA);
      assertBroken(RECEIVE_MSN, rdma);
      assertValid(rdma.present(RECEIVE_MSN, 1L, SOURCE));
      assertValid(Descriptors.started(IwarpPhase.STARTED));
    }

    @Test
    void initiatorHasReadTheReply() {
      IwarpConnectionDescriptor.Builder initiator =
          Descriptors.started(IwarpPhase.STARTED).present(MPA_ROLE, MpaRole.INITIATOR, SOURCE);
      assertBroken(REMOTE_PRIVATE_DATA, initiator);
      assertValid(initiator.present(REMOTE_PRIVATE_DATA, Octets.empty(), SOURCE));
      assertValid(
          Descriptors.started(IwarpPhase.RDMA)
              .present(MPA_ROLE, MpaRole.INITIATOR, SOURCE)
              .present(RECEIVE_MSN, 1L, SOURCE));
    }
  }
}

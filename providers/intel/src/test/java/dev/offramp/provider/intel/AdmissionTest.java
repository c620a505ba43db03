package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.InvalidDescriptorException;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpState;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.api.transfer.Whereabouts;
import dev.offramp.models.SimulatedConnection;
import dev.offramp.models.intel.E810Factory;
import dev.offramp.models.intel.X722Factory;
import dev.offramp.provider.intel.layout.Generation;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is refused and what is lost, with the limit and the value. */
final class AdmissionTest {
  private static final int LAST_STREAMING_BYTES = 536;

  private final Bench bench = new Bench(new E810Factory());
  private final SimulatedConnection connection = bench.connection().build();
  private final IntelAdmission e810 = new IntelAdmission(Generation.E810, LAST_STREAMING_BYTES);
  private final IntelAdmission x722 = new IntelAdmission(Generation.X722, LAST_STREAMING_BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  private IwarpConnectionDescriptor described(
      MpaRole role, UnaryOperator<IwarpConnectionDescriptor.Builder> change) {
    IwarpConnectionDescriptor all = Bench.described(connection, Agreement.of(role).result());
    return change
        .apply(
            all.toBuilder()
                .present(DescriptorFields.SACK_PERMITTED, false, "test")
                .present(DescriptorFields.ECN, false, "test"))
        .build();
  }

  private IwarpConnectionDescriptor.Builder ends() {
    IwarpConnectionDescriptor d = connection.descriptor();
    return IwarpConnectionDescriptor.builder()
        .put(DescriptorFields.LOCAL_ADDRESS, d.get(DescriptorFields.LOCAL_ADDRESS))
        .put(DescriptorFields.REMOTE_ADDRESS, d.get(DescriptorFields.REMOTE_ADDRESS));
  }

  private Admission decide(UnaryOperator<IwarpConnectionDescriptor.Builder> change) {
    return e810.ofStopped(described(MpaRole.INITIATOR, change));
  }

  private static <T extends Object> UnaryOperator<IwarpConnectionDescriptor.Builder> with(
      FieldKey<T> key, T value) {
    return b -> b.present(key, value, "test");
  }

  private static void refused(Admission admission, RefusalReason reason, String... words) {
    assertThat(admission.refusals())
        .singleElement()
        .satisfies(refusal -> {
          assertThat(refusal.reason()).isEqualTo(reason);
          assertThat(refusal.toString()).contains(words);
        });
  }

  @Test
  void takesAConnectionWithoutLoss() {
    assertThat(decide(b -> b)).isEqualTo(Admission.full());
  }

  @Test
  void refusesTimestamps() {
    refused(
        decide(with(DescriptorFields.TIMESTAMPS, true)),
        RefusalReason.TIMESTAMPS,
        "tcp_timestamps=0");
  }

  @Test
  void refusesASegmentSizeOfMoreThan14Bits() {
    assertThat(decide(with(DescriptorFields.SEND_MSS_BYTES, 16_383)).isAdmitted()).isTrue();
    refused(
        decide(with(DescriptorFields.SEND_MSS_BYTES, 16_384)),
        RefusalReason.SEGMENT_SIZE,
        "16384",
        "16383");
  }

  @ParameterizedTest
  @EnumSource(
      value = TcpState.class,
      names = {"CLOSE_WAIT", "FIN_WAIT_1", "FIN_WAIT_2"})
  void refusesHalfClosedConnections(TcpState state) {
    refused(
        decide(with(DescriptorFields.TCP_STATE, state)),
        RefusalReason.HALF_CLOSED,
        state.toString(),
        "ESTABLISHED");
  }

  @Test
  void refusesOtherPhases() {
    refused(
        decide(with(DescriptorFields.IWARP_PHASE, IwarpPhase.STREAMING)),
        RefusalReason.MPA_OPTION,
        "plain TCP");
    refused(
        e810.of(
            new ConnectionProfile(
                ends()
                    .present(DescriptorFields.IWARP_PHASE, IwarpPhase.RDMA, "test")
                    .present(DescriptorFields.MPA_ROLE, MpaRole.INITIATOR, "test")
                    .present(DescriptorFields.MPA_REVISION, 2, "test")
                    .present(DescriptorFields.MPA_CRC, true, "test")
                    .present(DescriptorFields.MPA_SEND_MARKERS, false, "test")
                    .present(DescriptorFields.MPA_RECEIVE_MARKERS, false, "test")
                    .present(DescriptorFields.IRD, 1, "test")
                    .present(DescriptorFields.ORD, 1, "test")
                    .present(DescriptorFields.RECEIVE_MSN, 1L, "test")
                    .present(DescriptorFields.SEND_MSN, 4L, "test")
                    .present(DescriptorFields.READ_REQUEST_MSN, 1L, "test")
                    .present(DescriptorFields.READ_RESPONSE_MSN, 1L, "test")
                    .build(),
                0,
                0,
                0,
                Set.of())),
        RefusalReason.UNSUPPORTED,
        "iwarp.sendMsn is 4",
        "message numbers",
        "softiwarp");
  }

  @Test
  void refusesBytesThatTheContextCannotCarry() {
    refused(
        decide(with(DescriptorFields.UNREAD, Octets.copyOf(new byte[7]))),
        RefusalReason.UNREAD_BYTES,
        "7 unread");
    refused(
        decide(b ->
            b.present(DescriptorFields.UNACKNOWLEDGED, Octets.copyOf(new byte[9]), "test")
                .present(
                    DescriptorFields.SND_UNA,
                    connection.descriptor().value(DescriptorFields.SND_NXT) - 9 & 0xFFFF_FFFFL,
                    "test")),
        RefusalReason.UNACKNOWLEDGED_BYTES,
        "9 unacknowledged");
    refused(
        decide(with(DescriptorFields.UNSENT, Octets.copyOf(new byte[1]))),
        RefusalReason.QUEUE_TOO_LARGE,
        "1 bytes");
  }

  @Test
  void takesUnsentBytesOfAResponderUpToTheLimit() {
    UnaryOperator<IwarpConnectionDescriptor.Builder> most =
        with(DescriptorFields.UNSENT, Octets.copyOf(new byte[LAST_STREAMING_BYTES]));
    UnaryOperator<IwarpConnectionDescriptor.Builder> more =
        with(DescriptorFields.UNSENT, Octets.copyOf(new byte[LAST_STREAMING_BYTES + 1]));
    assertThat(e810.ofStopped(described(MpaRole.RESPONDER, most)).isAdmitted()).isTrue();
    refused(
        e810.ofStopped(described(MpaRole.RESPONDER, more)),
        RefusalReason.QUEUE_TOO_LARGE,
        "537",
        "536");
  }

  @Test
  void refusesAnIrdThatTheVendorsCodeWouldSilentlyShrink() {
    int limit = Generation.E810.limits().ird();
    assertThat(decide(with(DescriptorFields.IRD, limit)).isAdmitted()).isTrue();
    refused(
        decide(with(DescriptorFields.IRD, limit + 1)),
        RefusalReason.READ_DEPTH,
        "IRD " + (limit + 1),
        "at most " + limit);
  }

  @Test
  void tellsLosses() {
    assertThat(decide(with(DescriptorFields.SACK_PERMITTED, true)).losses())
        .extracting(Loss::field)
        .containsExactly(DescriptorFields.SACK_PERMITTED);
    assertThat(decide(with(DescriptorFields.KEEP_ALIVE, true)).losses())
        .extracting(Loss::field)
        .containsExactly(DescriptorFields.KEEP_ALIVE);
    assertThat(decide(with(DescriptorFields.USER_TIMEOUT_MILLIS, 5L)).losses())
        .extracting(Loss::field)
        .containsExactly(DescriptorFields.USER_TIMEOUT_MILLIS);
    assertThat(decide(with(DescriptorFields.ORD, Generation.E810.limits().ord() + 1)).losses())
        .extracting(Loss::field)
        .containsExactly(DescriptorFields.ORD);
    var ecn = described(MpaRole.INITIATOR, with(DescriptorFields.ECN, true));
    assertThat(e810.ofStopped(ecn)).isEqualTo(Admission.full());
    assertThat(x722.ofStopped(ecn).losses())
        .extracting(Loss::field)
        .containsExactly(DescriptorFields.ECN);
  }

  /** A running connection's profile lacks what needs a freeze, and its queues will be drained. */
  @Test
  void decidesWithoutAFreeze() {
    IwarpConnectionDescriptor running =
        ends()
            .present(DescriptorFields.TIMESTAMPS, false, "test")
            .present(DescriptorFields.SEND_MSS_BYTES, 1448, "test")
            .build();
    assertThat(e810.of(new ConnectionProfile(running, 100, 5000, 5000, Set.of())).isAdmitted())
        .isTrue();
    refused(
        e810.of(
            new ConnectionProfile(
                running.toBuilder().present(DescriptorFields.TIMESTAMPS, true, "test").build(),
                0,
                0,
                0,
                Set.of())),
        RefusalReason.TIMESTAMPS,
        "option");
  }

  /** Every field that the context needs, left out once. */
  @Test
  void refusesADescriptorWithoutWhatIsNeeded() {
    int left = 0;
    for (FieldKey<?> key : ContextBuilder.NEEDED) {
      IwarpConnectionDescriptor without;
      try {
        without = described(MpaRole.INITIATOR, b -> b.absent(key, "test"));
      } catch (InvalidDescriptorException e) {
        assertThat(e.getMessage()).contains(key.path());
        continue;
      }
      left++;
      Admission admission = e810.ofStopped(without);
      assertThat(admission.refusals())
          .as(key.path())
          .anySatisfy(refusal -> assertThat(refusal.toString()).contains(key.path()));
      assertThat(admission.refusals())
          .as(key.path())
          .extracting(Refusal::reason)
          .contains(RefusalReason.FIELD_ABSENT);
    }
    assertThat(left).isGreaterThan(5);
  }

  /** The descriptor is looked at again, and nothing is left behind. */
  @Test
  void anArrivalIsRefusedLikewise() throws Exception {
    try (Bench other = new Bench(new X722Factory())) {
      IwarpConnectionDescriptor stamped =
          Bench.described(
              other.connection().timestamps().build(), Agreement.of(MpaRole.INITIATOR).result());
      assertThatExceptionOfType(TransferException.class)
          .isThrownBy(() -> other.rnic().arrive(stamped))
          .satisfies(e -> assertThat(e.whereabouts()).isEqualTo(Whereabouts.OLD_OWNER))
          .satisfies(e ->
              assertThat(e.refusals())
                  .extracting(Refusal::reason)
                  .containsExactly(RefusalReason.TIMESTAMPS));
      other.closeClean();
    }
  }
}

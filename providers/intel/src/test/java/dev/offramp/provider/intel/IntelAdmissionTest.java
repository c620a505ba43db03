package dev.offramp.provider.intel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.ConnectionProfile;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.provider.intel.layout.Generation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is refused and what is lost, of a running Initiator's connection. */
class IntelAdmissionTest {
  private static final int LAST_STREAMING_BYTES = 532;

  private static <T extends Object> Admission admission(
      Generation generation, FieldKey<T> key, T value, long unreadBytes)
      throws UnknownHostException {
    IwarpConnectionDescriptor facts =
        IwarpConnectionDescriptor.builder()
            .present(DescriptorFields.LOCAL_ADDRESS, address(1), "test")
            .present(DescriptorFields.REMOTE_ADDRESS, address(2), "test")
            .present(DescriptorFields.MPA_ROLE, MpaRole.INITIATOR, "test")
            .present(key, value, "test")
            .build();
    return new IntelAdmission(generation, LAST_STREAMING_BYTES)
        .of(new ConnectionProfile(facts, unreadBytes, 0, 0, Set.of()));
  }

  private static InetSocketAddress address(int host) throws UnknownHostException {
    return new InetSocketAddress(
        InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) host}), 4791 + host);
  }

  static Stream<Arguments> refused() {
    return Generation.all().stream()
        .flatMap(generation ->
            Stream.of(
                Arguments.of(
                    generation, DescriptorFields.TIMESTAMPS, true, RefusalReason.TIMESTAMPS),
                Arguments.of(
                    generation, DescriptorFields.SEND_MSS_BYTES, 127, RefusalReason.SEGMENT_SIZE),
                Arguments.of(
                    generation,
                    DescriptorFields.SEND_MSS_BYTES,
                    16_384,
                    RefusalReason.SEGMENT_SIZE),
                Arguments.of(
                    generation,
                    DescriptorFields.IRD,
                    generation.limits().ird() + 1,
                    RefusalReason.READ_DEPTH),
                Arguments.of(
                    generation,
                    DescriptorFields.IWARP_PHASE,
                    IwarpPhase.STREAMING,
                    RefusalReason.MPA_OPTION)));
  }

  @ParameterizedTest
  @MethodSource("refused")
  <T extends Object> void refusesBeforeTheFreeze(
      Generation generation, FieldKey<T> key, T value, RefusalReason reason)
      throws UnknownHostException {
    assertThat(admission(generation, key, value, 0).refusals())
        .extracting(Refusal::reason)
        .containsExactly(reason);
  }

  static Stream<Arguments> admitted() {
    return Generation.all().stream()
        .flatMap(generation ->
            Stream.of(
                Arguments.of(generation, DescriptorFields.TIMESTAMPS, false, Set.of()),
                Arguments.of(generation, DescriptorFields.SEND_MSS_BYTES, 128, Set.of()),
                Arguments.of(generation, DescriptorFields.SEND_MSS_BYTES, 16_383, Set.of()),
                Arguments.of(generation, DescriptorFields.IRD, generation.limits().ird(), Set.of()),
                Arguments.of(
                    generation,
                    DescriptorFields.IRD,
                    DescriptorFields.ULP_MANAGED_DEPTH,
                    Set.of(DescriptorFields.IRD)),
                Arguments.of(generation, DescriptorFields.ORD, generation.limits().ord(), Set.of()),
                Arguments.of(
                    generation,
                    DescriptorFields.ORD,
                    generation.limits().ord() + 1,
                    Set.of(DescriptorFields.ORD)),
                Arguments.of(
                    generation,
                    DescriptorFields.SACK_PERMITTED,
                    true,
                    Set.of(DescriptorFields.SACK_PERMITTED))));
  }

  @ParameterizedTest
  @MethodSource("admitted")
  <T extends Object> void listsWhatIsLost(
      Generation generation, FieldKey<T> key, T value, Set<FieldKey<?>> lost)
      throws UnknownHostException {
    Admission admission = admission(generation, key, value, 0);
    assertThat(admission.refusals()).isEmpty();
    assertThat(admission.losses())
        .extracting(Loss::field)
        .containsExactlyInAnyOrderElementsOf(lost);
  }

  @ParameterizedTest
  @MethodSource("generations")
  void refusesUnreadBytesOfAnInitiator(Generation generation) throws UnknownHostException {
    assertThat(
            admission(generation, DescriptorFields.TIMESTAMPS, false, /* unreadBytes= */ 3)
                .refusals())
        .extracting(Refusal::reason)
        .containsExactly(RefusalReason.UNREAD_BYTES);
  }

  static Stream<Generation> generations() {
    return Generation.all().stream();
  }
}

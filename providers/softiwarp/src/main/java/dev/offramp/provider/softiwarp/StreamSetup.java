package dev.offramp.provider.softiwarp;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.IwarpPhase;
import dev.offramp.api.mpa.MpaResult;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.iwarp.rdmap.StreamState;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the software RNIC takes out of a descriptor.
 *
 * @param local the local end
 * @param remote the remote end
 * @param mpa what start-up agreed
 * @param facts what start-up left in the descriptor, for the next owner
 * @param state where the stream stands
 */
record StreamSetup(
    InetSocketAddress local,
    InetSocketAddress remote,
    MpaResult mpa,
    IwarpConnectionDescriptor facts,
    StreamState state) {
  /** What no traffic changes, so that it can be kept. */
  private static final List<FieldKey<?>> CONSTANT =
      List.of(
          DescriptorFields.MPA_ROLE,
          DescriptorFields.MPA_REVISION,
          DescriptorFields.MPA_CRC,
          DescriptorFields.MPA_SEND_MARKERS,
          DescriptorFields.MPA_RECEIVE_MARKERS,
          DescriptorFields.LOCAL_PRIVATE_DATA,
          DescriptorFields.REMOTE_PRIVATE_DATA,
          DescriptorFields.IRD,
          DescriptorFields.ORD,
          DescriptorFields.PEER_IRD,
          DescriptorFields.PEER_ORD,
          DescriptorFields.RTR);

  /** Private data of this end's own was sent long ago: it is kept, and influences nothing. */
  private static final FieldKey<?> KEPT_ONLY = DescriptorFields.LOCAL_PRIVATE_DATA;

  /** Nothing stands in for these; the others that are needed every descriptor has. */
  private static final List<FieldKey<?>> REQUIRED =
      List.of(DescriptorFields.IRD, DescriptorFields.ORD);

  /**
   * The same once FPDUs flow: the peer would end the stream at a wrong number. Not among them is
   * the number of its own next request, which its first request tells.
   */
  private static final List<FieldKey<?>> REQUIRED_IN_RDMA_MODE =
      List.of(
          DescriptorFields.SEND_MSN,
          DescriptorFields.READ_REQUEST_MSN,
          DescriptorFields.RECEIVE_MSN);

  private static final List<FieldKey<?>> IN_RDMA_MODE =
      List.of(
          DescriptorFields.IWARP_PHASE,
          DescriptorFields.SEND_MSN,
          DescriptorFields.READ_REQUEST_MSN,
          DescriptorFields.ATOMIC_RESPONSE_MSN,
          DescriptorFields.RECEIVE_MSN,
          DescriptorFields.READ_RESPONSE_MSN,
          DescriptorFields.PEER_ATOMIC_RESPONSE_MSN,
          DescriptorFields.SENT_OCTETS,
          DescriptorFields.RECEIVED_OCTETS,
          DescriptorFields.PEER_HEARD,
          DescriptorFields.READY_TO_RECEIVE_SENT,
          DescriptorFields.READY_TO_RECEIVE_AWAITED,
          DescriptorFields.REGIONS,
          DescriptorFields.STARTED_WORK,
          DescriptorFields.POSTED_RECEIVES,
          DescriptorFields.PEER_REQUESTS,
          DescriptorFields.PARTIAL_MESSAGE);

  static final Set<FieldKey<?>> CONSUMES =
      Stream.concat(CONSTANT.stream(), IN_RDMA_MODE.stream())
          .filter(key -> !key.equals(KEPT_ONLY))
          .collect(Collectors.toUnmodifiableSet());

  private static IwarpConnectionDescriptor constant(IwarpConnectionDescriptor d) {
    IwarpConnectionDescriptor.Builder kept =
        IwarpConnectionDescriptor.builder()
            .put(DescriptorFields.LOCAL_ADDRESS, d.get(DescriptorFields.LOCAL_ADDRESS))
            .put(DescriptorFields.REMOTE_ADDRESS, d.get(DescriptorFields.REMOTE_ADDRESS));
    CONSTANT.forEach(key -> copy(d, key, kept));
    return kept.build();
  }

  private static <T extends Object> void copy(
      IwarpConnectionDescriptor from, FieldKey<T> key, IwarpConnectionDescriptor.Builder to) {
    to.put(key, from.get(key));
  }

  /** Adds what start-up agreed to a description of TCP. */
  void describe(IwarpConnectionDescriptor.Builder to) {
    CONSTANT.forEach(key -> copy(facts, key, to));
  }

  /** A refusal for each field that is absent and cannot be. */
  static List<Refusal> absences(IwarpConnectionDescriptor d) {
    boolean flowing =
        d.get(DescriptorFields.IWARP_PHASE).orElse(IwarpPhase.STARTED) == IwarpPhase.RDMA;
    return Stream.concat(
            absences(d, REQUIRED, "agree on MPA first, and hand over what was agreed"),
            flowing
                ? absences(d, REQUIRED_IN_RDMA_MODE, "move it from an owner that counts messages")
                : Stream.empty())
        .toList();
  }

  private static Stream<Refusal> absences(
      IwarpConnectionDescriptor d, List<FieldKey<?>> required, String remedy) {
    return required.stream()
        .filter(key -> !d.isKnown(key))
        .map(key ->
            new Refusal(
                RefusalReason.FIELD_ABSENT,
                key.path() + ": " + d.get(key),
                "a known value",
                remedy));
  }

  static StreamSetup of(IwarpConnectionDescriptor d) {
    return new StreamSetup(
        d.value(DescriptorFields.LOCAL_ADDRESS),
        d.value(DescriptorFields.REMOTE_ADDRESS),
        MpaResult.of(d),
        constant(d),
        StreamState.of(d));
  }
}

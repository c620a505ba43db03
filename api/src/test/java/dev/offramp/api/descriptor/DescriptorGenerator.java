package dev.offramp.api.descriptor;

import static dev.offramp.api.descriptor.DescriptorFields.*;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Random valid descriptors. The ranges are written down here once more, so that a change of a range
 * in {@link DescriptorFields} has to be meant.
 */
final class DescriptorGenerator {
  private static final int QUEUE_BYTES = 70;

  private final Map<FieldKey<?>, Function<RandomValues, ?>> generators = new LinkedHashMap<>();

  DescriptorGenerator() {
    constants();
    cached();
    delegated();
    iwarp();
    options();
  }

  Map<FieldKey<?>, Function<RandomValues, ?>> generators() {
    return generators;
  }

  /** A descriptor in which any optional field may be missing, absent, derived or present. */
  IwarpConnectionDescriptor next(RandomGenerator random) {
    return build(random, false);
  }

  /** A descriptor in which every field that its address family allows has a value. */
  IwarpConnectionDescriptor full(RandomGenerator random) {
    return build(random, true);
  }

  private IwarpConnectionDescriptor build(RandomGenerator random, boolean full) {
    RandomValues values = new RandomValues(random);
    IwarpConnectionDescriptor.Builder builder = IwarpConnectionDescriptor.builder();
    Map<FieldKey<?>, Object> drawn = new LinkedHashMap<>();
    generators.forEach((key, generator) -> drawn.put(key, generator.apply(values)));
    boolean v6 = values.bool();
    makeConsistent(drawn, values, v6);
    boolean started = drawn.get(IWARP_PHASE) != IwarpPhase.STREAMING;
    if (started) {
      drawWork(drawn, values);
    }
    drawn.forEach(
        (key, value) -> put(builder, key, value, values, full || isRequired(key, started)));
    if (!v6) {
      builder.absent(FLOW_LABEL, "IPv4");
    }
    if (drawn.get(IWARP_PHASE) != IwarpPhase.RDMA || values.range(0, 3) == 0) {
      builder.absent(DescriptorFields.PARTIAL_MESSAGE, "between two messages");
    }
    return builder.build();
  }

  private static boolean isRequired(FieldKey<?> key, boolean started) {
    return key == LOCAL_ADDRESS
        || key == REMOTE_ADDRESS
        || (started && key.ownership() == Ownership.IWARP);
  }

  private static void makeConsistent(
      Map<FieldKey<?>, Object> drawn, RandomValues values, boolean v6) {
    drawn.put(LOCAL_ADDRESS, values.endpoint(v6));
    drawn.put(REMOTE_ADDRESS, values.endpoint(v6));
    if (v6) {
      drawn.put(V4_MAPPED_SOCKET, false);
    }
    long una = values.uint32();
    int span = values.range(0, QUEUE_BYTES);
    drawn.put(SND_UNA, una);
    drawn.put(SND_MAX, wrap(una + span));
    drawn.put(SND_NXT, wrap(una + values.range(0, span)));
    drawn.put(UNACKNOWLEDGED, values.exactly(span));
    long wup = values.uint32();
    drawn.put(RCV_WUP, wup);
    drawn.put(RCV_NXT, wrap(wup + values.range(0, MAX_QUEUE_BYTES)));
    if (Boolean.FALSE.equals(drawn.get(WINDOW_SCALING))) {
      drawn.put(SEND_WINDOW_SCALE, 0);
      drawn.put(RECEIVE_WINDOW_SCALE, 0);
    }
    if (Integer.valueOf(1).equals(drawn.get(MPA_REVISION))) {
      drawn.put(RTR, RtrKind.NONE);
    }
  }

  private static long wrap(long sequenceNumber) {
    return sequenceNumber & Checks.MAX_UINT32;
  }

  @SuppressWarnings("unchecked") // add() pairs each key with values of its own type.
  private static <T extends Object> void put(
      IwarpConnectionDescriptor.Builder builder,
      FieldKey<T> key,
      Object value,
      RandomValues values,
      boolean needed) {
    String source = source(values);
    switch (values.range(0, needed ? 1 : 3)) {
      case 0 -> builder.present(key, (T) value, source);
      case 1 -> builder.derived(key, (T) value, source);
      case 2 -> builder.absent(key, source);
      default -> {}
    }
  }

  /** Mostly short, to keep the bytes few that tests damage one by one. */
  private static String source(RandomValues values) {
    return switch (values.range(0, 19)) {
      case 10 -> "";
      case 11 -> values.text(IwarpConnectionDescriptor.MAX_SOURCE_BYTES);
      default -> values.text(8);
    };
  }

  private <T extends Object> void add(FieldKey<T> key, Function<RandomValues, T> generator) {
    generators.put(key, generator);
  }

  private void constants() {
    add(LOCAL_ADDRESS, values -> values.endpoint(false));
    add(REMOTE_ADDRESS, values -> values.endpoint(false));
    add(V4_MAPPED_SOCKET, RandomValues::bool);
    add(SEND_MSS_BYTES, values -> values.range(1, 65535));
    add(MSS_CLAMP_BYTES, values -> values.range(1, 65535));
    add(WINDOW_SCALING, RandomValues::bool);
    add(SEND_WINDOW_SCALE, values -> values.range(0, 14));
    add(RECEIVE_WINDOW_SCALE, values -> values.range(0, 14));
    add(SACK_PERMITTED, RandomValues::bool);
    add(TIMESTAMPS, RandomValues::bool);
    add(ECN, RandomValues::bool);
    add(MPA_SEND_START, RandomValues::uint32);
    add(MPA_RECEIVE_START, RandomValues::uint32);
    add(TCP_RESIDENCE, values -> values.choice(TcpResidence.class));
  }

  private void cached() {
    add(EGRESS_INTERFACE, values -> values.text(64));
    add(EGRESS_INTERFACE_INDEX, values -> values.range(1, Integer.MAX_VALUE));
    add(SOURCE_MAC, RandomValues::mac);
    add(NEXT_HOP, values -> values.address(values.bool()));
    add(NEXT_HOP_MAC, RandomValues::mac);
    add(VLAN_TAG, RandomValues::vlan);
    add(PATH_MTU_BYTES, values -> values.range(68, 65535));
    add(HOP_LIMIT, values -> values.range(1, 255));
    add(DSCP, values -> values.range(0, 63));
    add(ECN_CODEPOINT, values -> values.range(0, 3));
    add(FLOW_LABEL, values -> values.range(0, 0xFFFFF));
  }

  private void delegated() {
    add(TCP_STATE, values -> values.choice(TcpState.class));
    add(SND_UNA, RandomValues::uint32);
    add(SND_NXT, RandomValues::uint32);
    add(SND_MAX, RandomValues::uint32);
    add(SND_WND, RandomValues::uint32);
    add(SND_WL1, RandomValues::uint32);
    add(MAX_SND_WND, RandomValues::uint32);
    add(RCV_NXT, RandomValues::uint32);
    add(RCV_WND, RandomValues::uint32);
    add(RCV_WUP, RandomValues::uint32);
    add(TIMESTAMP_NOW, RandomValues::uint32);
    add(TS_RECENT, RandomValues::uint32);
    add(TS_RECENT_AGE_MILLIS, RandomValues::uint32);
    add(CWND_BYTES, RandomValues::uint63);
    add(SSTHRESH_BYTES, RandomValues::uint63);
    add(SRTT_MICROS, RandomValues::uint32);
    add(RTTVAR_MICROS, RandomValues::uint32);
    add(RTO_MICROS, RandomValues::uint32);
    add(UNACKNOWLEDGED, values -> values.octets(QUEUE_BYTES));
    add(UNSENT, values -> values.octets(QUEUE_BYTES));
    add(UNREAD, values -> values.octets(QUEUE_BYTES));
  }

  private void iwarp() {
    add(IWARP_PHASE, values -> values.choice(IwarpPhase.class));
    add(MPA_ROLE, values -> values.choice(MpaRole.class));
    add(MPA_REVISION, values -> values.range(1, 2));
    add(MPA_CRC, RandomValues::bool);
    add(MPA_SEND_MARKERS, RandomValues::bool);
    add(MPA_RECEIVE_MARKERS, RandomValues::bool);
    add(LOCAL_PRIVATE_DATA, values -> values.octets(MAX_PRIVATE_DATA_BYTES));
    add(REMOTE_PRIVATE_DATA, values -> values.octets(MAX_PRIVATE_DATA_BYTES));
    add(IRD, values -> values.range(0, 0x3FFF));
    add(ORD, values -> values.range(0, 0x3FFF));
    add(RTR, values -> values.choice(RtrKind.class));
    add(SEND_MSN, RandomValues::uint32);
    add(READ_REQUEST_MSN, RandomValues::uint32);
    add(RECEIVE_MSN, RandomValues::uint32);
    add(READ_RESPONSE_MSN, RandomValues::uint32);
    add(DescriptorFields.PEER_IRD, values -> values.range(0, 0x3FFF));
    add(DescriptorFields.PEER_ORD, values -> values.range(0, 0x3FFF));
    add(DescriptorFields.ATOMIC_RESPONSE_MSN, RandomValues::uint32);
    add(DescriptorFields.PEER_ATOMIC_RESPONSE_MSN, RandomValues::uint32);
    add(DescriptorFields.SENT_OCTETS, RandomValues::uint63);
    add(DescriptorFields.RECEIVED_OCTETS, RandomValues::uint63);
    add(DescriptorFields.PEER_HEARD, RandomValues::bool);
    add(DescriptorFields.READY_TO_RECEIVE_SENT, RandomValues::bool);
    add(DescriptorFields.READY_TO_RECEIVE_AWAITED, RandomValues::bool);
    add(DescriptorFields.REGIONS, RdmaModeValues::regions);
    add(DescriptorFields.STARTED_WORK, values -> List.of());
    add(DescriptorFields.POSTED_WORK, values -> List.of());
    add(DescriptorFields.POSTED_RECEIVES, values -> List.of());
    add(DescriptorFields.PEER_REQUESTS, values -> List.of());
    add(
        DescriptorFields.PARTIAL_MESSAGE,
        values -> new PartialMessage(values.range(0, 15), values.uint32()));
    add(
        DescriptorFields.COMPLETIONS,
        values -> {
          RdmaModeValues rdma = new RdmaModeValues(values);
          return rdma.some(rdma::completion);
        });
  }

  /** Work names regions, so regions and work are drawn together. */
  private static void drawWork(Map<FieldKey<?>, Object> drawn, RandomValues values) {
    RdmaModeValues rdma = new RdmaModeValues(values);
    drawn.put(DescriptorFields.REGIONS, rdma.regions());
    drawn.put(DescriptorFields.POSTED_WORK, rdma.some(rdma::work));
    List<PostedWork> receives = new ArrayList<>(rdma.some(rdma::receive));
    if (drawn.get(IWARP_PHASE) == IwarpPhase.RDMA) {
      receives.addFirst(rdma.receive());
      drawn.put(DescriptorFields.STARTED_WORK, rdma.startedWork());
      drawn.put(DescriptorFields.PEER_REQUESTS, rdma.some(rdma::peerRequest));
      drawn.put(DescriptorFields.PARTIAL_MESSAGE, rdma.partialMessage(receives.getFirst()));
    }
    drawn.put(DescriptorFields.POSTED_RECEIVES, receives);
  }

  private void options() {
    add(NO_DELAY, RandomValues::bool);
    add(KEEP_ALIVE, RandomValues::bool);
    add(KEEP_ALIVE_IDLE_SECONDS, values -> values.range(1, 32767));
    add(KEEP_ALIVE_INTERVAL_SECONDS, values -> values.range(1, 32767));
    add(KEEP_ALIVE_PROBES, values -> values.range(1, 127));
    add(USER_TIMEOUT_MILLIS, RandomValues::uint32);
    add(CONGESTION_CONTROL, values -> values.text(16));
    add(LINGER_SECONDS, values -> values.range(0, 65535));
    add(OUT_OF_BAND_INLINE, RandomValues::bool);
  }
}

package dev.offramp.tck.oracle;

import static dev.offramp.api.descriptor.DescriptorFields.DSCP;
import static dev.offramp.api.descriptor.DescriptorFields.ECN_CODEPOINT;
import static dev.offramp.api.descriptor.DescriptorFields.FLOW_LABEL;
import static dev.offramp.api.descriptor.DescriptorFields.HOP_LIMIT;
import static dev.offramp.api.descriptor.DescriptorFields.IRD;
import static dev.offramp.api.descriptor.DescriptorFields.KEEP_ALIVE_IDLE_SECONDS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_CRC;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_RECEIVE_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.MPA_SEND_MARKERS;
import static dev.offramp.api.descriptor.DescriptorFields.ORD;
import static dev.offramp.api.descriptor.DescriptorFields.PATH_MTU_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.RCV_WND;
import static dev.offramp.api.descriptor.DescriptorFields.RECEIVE_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.RTO_MICROS;
import static dev.offramp.api.descriptor.DescriptorFields.RTTVAR_MICROS;
import static dev.offramp.api.descriptor.DescriptorFields.SACK_PERMITTED;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_MSS_BYTES;
import static dev.offramp.api.descriptor.DescriptorFields.SEND_WINDOW_SCALE;
import static dev.offramp.api.descriptor.DescriptorFields.SND_NXT;
import static dev.offramp.api.descriptor.DescriptorFields.SND_WND;
import static dev.offramp.api.descriptor.DescriptorFields.SRTT_MICROS;
import static dev.offramp.api.descriptor.DescriptorFields.USER_TIMEOUT_MILLIS;
import static dev.offramp.api.descriptor.DescriptorFields.VLAN_TAG;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.VlanTag;
import dev.offramp.tck.descriptor.Variations;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Makes the pairs that fit one sample. */
public final class CollisionPairs {
  private static final long UINT32 = 0xFFFF_FFFFL;
  private static final int ULP_MANAGED = 0x3FFF;

  private final IwarpConnectionDescriptor base;
  private final RandomGenerator random;
  private final List<CollisionPair> pairs = new ArrayList<>();

  private CollisionPairs(IwarpConnectionDescriptor base, RandomGenerator random) {
    this.base = base;
    this.random = random;
  }

  /** The pairs; those that would be no connection are left out. */
  public static List<CollisionPair> of(IwarpConnectionDescriptor base, RandomGenerator random) {
    CollisionPairs maker = new CollisionPairs(base, random);
    maker.numbers();
    maker.depths();
    maker.durations();
    maker.sizes();
    maker.path();
    maker.options();
    return maker.pairs;
  }

  private void numbers() {
    long high = (1 + random.nextInt(255)) << 24 & UINT32;
    narrowed(SND_NXT, Variations.SEND_NUMBERS, high);
    narrowed(RCV_NXT, Variations.RECEIVE_NUMBERS, high);
    if (base.isKnown(SND_NXT) && base.isKnown(RCV_NXT)) {
      swapped();
    }
  }

  private void narrowed(FieldKey<Long> lead, List<FieldKey<Long>> keys, long high) {
    if (!base.isKnown(lead)) {
      return;
    }
    Variations.moved(base, keys, lead, base.value(lead) ^ high)
        .ifPresent(other ->
            add(
                "P1",
                SequenceRules.L12,
                "their sequence numbers agree in 24 bits, as packet sequence numbers (PSN) do",
                new HashSet<>(keys),
                true,
                List.of(base, other)));
  }

  /** Each direction at the other's place: an encoder with one number for both cannot tell. */
  private void swapped() {
    Variations.moved(base, Variations.SEND_NUMBERS, SND_NXT, base.value(RCV_NXT))
        .flatMap(
            one -> Variations.moved(one, Variations.RECEIVE_NUMBERS, RCV_NXT, base.value(SND_NXT)))
        .ifPresent(other ->
            add(
                "P15",
                SequenceRules.L14,
                "the numbers of their directions are exchanged",
                Set.of(SND_NXT, RCV_NXT),
                true,
                List.of(base, other)));
  }

  private void depths() {
    for (FieldKey<Integer> key : List.of(IRD, ORD)) {
      // Hardware may round a depth up; it may not begin again at 256.
      values(
          "P3", NegotiationRules.L19, "their depths agree in 8 bits", key, List.of(3, 259), true);
      values(
          "P4",
          NegotiationRules.L20,
          "0x3FFF is taken for the largest depth",
          key,
          List.of(ULP_MANAGED, 16382),
          true);
      values(
          "P4",
          NegotiationRules.L20,
          "0x3FFF is taken for 255",
          key,
          List.of(ULP_MANAGED, 255),
          true);
    }
  }

  private void durations() {
    for (FieldKey<Long> key : List.of(RTO_MICROS, SRTT_MICROS, RTTVAR_MICROS)) {
      // 4.096 us * 2^n: 33 ms and 60 ms are in one bin, and so are 280 ms and 500 ms.
      values(
          "P5",
          NegotiationRules.L26,
          "their durations have the same exponent of 4.096 us * 2^n",
          key,
          key.equals(RTO_MICROS)
              ? List.of(280_000L, 390_000L, 500_000L)
              : List.of(34_000L, 45_000L, 60_000L),
          false);
    }
    values(
        "P5",
        NegotiationRules.L26,
        "their durations have the same exponent of 4.096 us * 2^n",
        USER_TIMEOUT_MILLIS,
        List.of(5_000L, 6_500L, 7_900L),
        false);
    values(
        "P5",
        NegotiationRules.L26,
        "their durations have the same exponent of 4.096 us * 2^n",
        KEEP_ALIVE_IDLE_SECONDS,
        List.of(80, 100, 130),
        false);
  }

  private void sizes() {
    String words = "their sizes are rounded down to one path MTU of 256 to 4096, or its code";
    values("P6", NegotiationRules.L25, words, SEND_MSS_BYTES, List.of(1460, 1448, 1100), true);
    values("P6", NegotiationRules.L25, words, SEND_MSS_BYTES, List.of(8948, 5000), true);
    values("P6", NegotiationRules.L25, words, SEND_MSS_BYTES, List.of(536, 600), true);
    values("P6", NegotiationRules.L25, words, PATH_MTU_BYTES, List.of(1500, 1400, 1280), false);
  }

  private void path() {
    if (base.isKnown(VLAN_TAG)) {
      int id = base.value(VLAN_TAG).id();
      values(
          "P12",
          AddressingRules.L06,
          "their VLAN tags have one identifier and differ in priority, as partition keys do not",
          VLAN_TAG,
          List.of(new VlanTag(id, 1, false), new VlanTag(id, 6, false)),
          false);
      values(
          "P12",
          AddressingRules.L06,
          "their VLAN tags have one identifier and differ in drop eligibility",
          VLAN_TAG,
          List.of(new VlanTag(id, 1, false), new VlanTag(id, 1, true)),
          false);
    }
    values(
        "P13",
        AddressingRules.L04,
        "their DSCPs are in one service level of 4 bits",
        DSCP,
        List.of(10, 11, 9),
        false);
    values(
        "P13", AddressingRules.L04, "their ECN bits differ", ECN_CODEPOINT, List.of(0, 2), false);
    values(
        "P13", AddressingRules.L04, "their hop limits differ", HOP_LIMIT, List.of(64, 63), false);
    values(
        "P13",
        AddressingRules.L04,
        "their flow labels agree in 16 bits",
        FLOW_LABEL,
        List.of(0x1_2345, 0x2_2345),
        false);
  }

  private void options() {
    for (FieldKey<Boolean> key : List.of(MPA_CRC, MPA_SEND_MARKERS, MPA_RECEIVE_MARKERS)) {
      values(
          "P14",
          NegotiationRules.L31,
          "only iWARP negotiates in what they differ",
          key,
          List.of(true, false),
          true);
    }
    String words = "only TCP has in what they differ";
    values("P15", NegotiationRules.L32, words, SACK_PERMITTED, List.of(true, false), true);
    values("P15", NegotiationRules.L32, words, SEND_WINDOW_SCALE, List.of(2, 7), true);
    values("P15", NegotiationRules.L32, words, RECEIVE_WINDOW_SCALE, List.of(2, 7), true);
    values("P15", NegotiationRules.L32, words, SND_WND, List.of(1L << 15, 1L << 16), true);
    values("P15", NegotiationRules.L32, words, RCV_WND, List.of(1L << 15, 1L << 16), false);
  }

  private <T extends Object> void values(
      String id, Rule rule, String words, FieldKey<T> key, List<T> values, boolean essential) {
    if (!base.isKnown(key)) {
      return;
    }
    List<IwarpConnectionDescriptor> made = new ArrayList<>();
    for (T value : values) {
      Optional<IwarpConnectionDescriptor> one = Variations.with(base, key, value);
      if (one.isEmpty()) {
        return;
      }
      made.add(one.get());
    }
    add(id, rule, words, Set.of(key), essential, made);
  }

  private void add(
      String id,
      Rule rule,
      String words,
      Set<FieldKey<?>> fields,
      boolean essential,
      List<IwarpConnectionDescriptor> connections) {
    pairs.add(new CollisionPair(id, rule, words, Set.copyOf(fields), essential, connections));
  }
}

package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.oracle.Encoding;
import dev.offramp.tck.oracle.Encodings;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import dev.offramp.tck.rule.TransferRules;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A field that was changed on its way to TCP: which class of leaks that is. */
final class PassedOn {
  private static final Map<FieldKey<?>, Rule> RULES =
      Map.ofEntries(
          Map.entry(DescriptorFields.LOCAL_ADDRESS, AddressingRules.L01),
          Map.entry(DescriptorFields.REMOTE_ADDRESS, AddressingRules.L01),
          Map.entry(DescriptorFields.SOURCE_MAC, AddressingRules.L02),
          Map.entry(DescriptorFields.NEXT_HOP_MAC, AddressingRules.L02),
          Map.entry(DescriptorFields.VLAN_TAG, AddressingRules.L06),
          Map.entry(DescriptorFields.HOP_LIMIT, AddressingRules.L04),
          Map.entry(DescriptorFields.DSCP, AddressingRules.L04),
          Map.entry(DescriptorFields.FLOW_LABEL, AddressingRules.L04),
          Map.entry(DescriptorFields.SND_UNA, SequenceRules.L14),
          Map.entry(DescriptorFields.SND_NXT, SequenceRules.L13),
          Map.entry(DescriptorFields.SND_MAX, SequenceRules.L13),
          Map.entry(DescriptorFields.RCV_NXT, SequenceRules.L13),
          Map.entry(DescriptorFields.RCV_WUP, SequenceRules.L14),
          Map.entry(DescriptorFields.MPA_SEND_START, SequenceRules.L16),
          Map.entry(DescriptorFields.MPA_RECEIVE_START, SequenceRules.L16),
          Map.entry(DescriptorFields.UNSENT, FrameRules.L38),
          Map.entry(DescriptorFields.UNACKNOWLEDGED, SequenceRules.L18),
          Map.entry(DescriptorFields.UNREAD, SequenceRules.L18),
          Map.entry(DescriptorFields.SEND_MSS_BYTES, NegotiationRules.L25),
          Map.entry(DescriptorFields.PATH_MTU_BYTES, NegotiationRules.L25),
          Map.entry(DescriptorFields.USER_TIMEOUT_MILLIS, NegotiationRules.L26),
          Map.entry(DescriptorFields.RTO_MICROS, NegotiationRules.L26),
          Map.entry(DescriptorFields.SRTT_MICROS, NegotiationRules.L26),
          Map.entry(DescriptorFields.TIMESTAMPS, NegotiationRules.L32),
          Map.entry(DescriptorFields.SACK_PERMITTED, NegotiationRules.L32),
          Map.entry(DescriptorFields.WINDOW_SCALING, NegotiationRules.L32),
          Map.entry(DescriptorFields.SEND_WINDOW_SCALE, NegotiationRules.L32),
          Map.entry(DescriptorFields.RECEIVE_WINDOW_SCALE, NegotiationRules.L32),
          Map.entry(DescriptorFields.TS_RECENT, TransferRules.L75),
          Map.entry(DescriptorFields.CWND_BYTES, TransferRules.L75),
          Map.entry(DescriptorFields.IRD, NegotiationRules.L19),
          Map.entry(DescriptorFields.ORD, NegotiationRules.L19),
          Map.entry(DescriptorFields.LOCAL_PRIVATE_DATA, FrameRules.L35),
          Map.entry(DescriptorFields.REMOTE_PRIVATE_DATA, FrameRules.L35));

  private PassedOn() {}

  /** The classes of leaks that this can find. */
  static Set<Rule> rules() {
    return Set.copyOf(RULES.values());
  }

  static void judge(Conversation talk, IwarpConnectionDescriptor asked, Judgement judgement) {
    for (FieldKey<?> key : DescriptorFields.all()) {
      judge(talk, asked, key, judgement);
    }
  }

  private static <T extends Object> void judge(
      Conversation talk, IwarpConnectionDescriptor asked, FieldKey<T> key, Judgement judgement) {
    IwarpConnectionDescriptor given = talk.descriptor();
    if (!given.isKnown(key) && asked.isKnown(key)) {
      judgement.fail(
          TransferRules.L75,
          "%s is absent, and the stream port got [%s]".formatted(key, asked.value(key)),
          Evidences.of(talk));
      return;
    }
    if (!given.isKnown(key) || (asked.isKnown(key) && given.value(key).equals(asked.value(key)))) {
      return;
    }
    Rule rule = RULES.get(key);
    if (rule == null) {
      return;
    }
    String seen = asked.isKnown(key) ? String.valueOf(asked.value(key)) : "absent";
    Optional<Encoding> encoding =
        given.value(key) instanceof Number from
                && asked.isKnown(key)
                && asked.value(key) instanceof Number to
            ? Encodings.explain(from.longValue(), to.longValue())
            : Optional.empty();
    judgement.fail(
        encoding.map(Encoding::rule).orElse(rule),
        "%s is [%s], the stream port got [%s]%s"
            .formatted(key, given.value(key), seen, encoding.map(e -> ": " + e.words()).orElse("")),
        Evidences.of(talk));
  }
}

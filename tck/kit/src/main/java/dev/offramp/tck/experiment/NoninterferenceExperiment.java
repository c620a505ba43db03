package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.descriptor.TcpResidence;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.RefusalReason;
import dev.offramp.api.transfer.TransferException;
import dev.offramp.tck.descriptor.Samples;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.descriptor.Variations;
import dev.offramp.tck.descriptor.Variations.Variation;
import dev.offramp.tck.oracle.Dependence;
import dev.offramp.tck.oracle.Noise;
import dev.offramp.tck.oracle.Observation;
import dev.offramp.tck.report.ProvenanceRow;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import dev.offramp.tck.rule.SpiRules;
import dev.offramp.tck.rule.TransferRules;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * One field is changed at a time, and what the driver does is compared bit by bit. Fields that are
 * declared as consumed must change something, and no other field may. The matrix is the report's
 * provenance map.
 */
final class NoninterferenceExperiment implements Experiment {
  private static final int DRAWS = 3;
  private static final int MAX_ROWS = 400;

  @Override
  public String name() {
    return "noninterference";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        SpiRules.S13,
        SequenceRules.L13,
        SequenceRules.L14,
        AddressingRules.L02,
        TransferRules.L75,
        PortRules.P13);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    Set<FieldKey<?>> declared = lab.capabilities().consumes();
    for (boolean ipv6 : new boolean[] {false, true}) {
      Shape shape = lab.shape().role(MpaRole.INITIATOR).ipv6(ipv6);
      if (ipv6 == lab.shape().ipv6() || taken(lab, shape)) {
        matrix(lab, shape, declared, judgement);
      }
    }
    absent(lab, declared, judgement);
  }

  private static boolean taken(Lab lab, Shape shape) throws Exception {
    return Observer.observe(lab, lab.draw(shape, "noninterference")).isTaken();
  }

  private static void matrix(Lab lab, Shape shape, Set<FieldKey<?>> declared, Judgement judgement)
      throws Exception {
    IwarpConnectionDescriptor d = lab.draw(shape, "noninterference");
    Noise noise = steady(lab, d, judgement);
    Observation base = noise.without(Observer.observe(lab, d));
    Dependence dependence = new Dependence(base);
    Map<FieldKey<?>, Variation> strongest = new HashMap<>();
    Map<FieldKey<?>, Integer> effect = new HashMap<>();
    for (int draw = 0; draw < DRAWS; draw++) {
      IwarpConnectionDescriptor other =
          Samples.draw(shape, lab.random("noninterference other " + draw));
      for (Variation variation : Variations.of(d, other)) {
        Observation varied = noise.without(Observer.observe(lab, variation.descriptor()));
        if (!varied.isTaken()) {
          variation.fields().forEach(key -> effect.merge(key, 1, Math::max));
          continue;
        }
        int bits = dependence.add(variation.name(), varied);
        int seen = bits + (varied.upcalls().equals(base.upcalls()) ? 0 : 1);
        for (FieldKey<?> key : variation.fields()) {
          effect.merge(key, seen, Math::max);
          strongest.putIfAbsent(key, variation);
        }
        undeclared(lab, noise, base, variation, varied, declared, judgement);
        identity(d, base, variation, varied, judgement);
      }
    }
    for (FieldKey<?> key : sorted(declared)) {
      if (effect.containsKey(key) && effect.get(key) == 0) {
        Variation shown = strongest.get(key);
        judgement.fail(
            SpiRules.S13,
            "%s is declared as consumed, and nothing depends on it".formatted(key.path()),
            Evidences.of(shown == null ? d : shown.descriptor()));
      }
    }
    if (shape.residence() == TcpResidence.NEW_OWNER) {
      positions(d, dependence, judgement);
    }
    judgement.provenance(rows(dependence));
  }

  /** The same connection again: the same commands at the same places, and the same octets. */
  private static Noise steady(Lab lab, IwarpConnectionDescriptor d, Judgement judgement)
      throws Exception {
    List<Observation> same = new ArrayList<>();
    for (int i = 0; i < DRAWS; i++) {
      same.add(Observer.observe(lab, d));
    }
    Noise noise = Noise.of(same);
    for (Observation again : same.subList(1, same.size())) {
      Observation first = noise.without(same.get(0));
      List<String> places = first.differences(noise.without(again));
      if (!places.isEmpty()
          || noise.places().contains(Observation.WIRE)
          || !first.upcalls().equals(again.upcalls())) {
        judgement.fail(
            PortRules.P13,
            "the same connection, twice on a fresh device, was treated differently at %s"
                .formatted(places.isEmpty() ? List.of(Observation.WIRE) : places),
            Evidences.of(d, first.events(), d, again.events()));
      }
    }
    if (!noise.places().isEmpty()) {
      judgement.note("numbers that are drawn anew each time stand at " + noise.places());
    }
    return noise;
  }

  /** What the stream port is asked for is its own business; everything else is the driver's. */
  private static void undeclared(
      Lab lab,
      Noise noise,
      Observation base,
      Variation variation,
      Observation varied,
      Set<FieldKey<?>> declared,
      Judgement judgement)
      throws Exception {
    if (variation.fields().stream().anyMatch(declared::contains)) {
      return;
    }
    List<String> places = new ArrayList<>(base.differences(varied));
    places.remove(Observation.PREPARE);
    if (!places.isEmpty()) {
      // Once more: what differs by chance is not told from what depends on a field otherwise.
      Observation again = noise.without(Observer.observe(lab, variation.descriptor()));
      places.retainAll(base.differences(again));
    }
    if (!places.isEmpty()) {
      judgement.fail(
          SpiRules.S13,
          "%s is not declared as consumed, and %s depends on it"
              .formatted(variation.name(), places.subList(0, Math.min(4, places.size()))),
          Evidences.of(
              variation.descriptor(), base.events(), variation.descriptor(), varied.events()));
    }
  }

  /** An Ethernet address is nobody's identity: the stream knows nothing of it. */
  private static void identity(
      IwarpConnectionDescriptor d,
      Observation base,
      Variation variation,
      Observation varied,
      Judgement judgement) {
    boolean ethernet =
        variation.fields().contains(DescriptorFields.SOURCE_MAC)
            || variation.fields().contains(DescriptorFields.NEXT_HOP_MAC);
    if (ethernet && base.differences(varied).contains(Observation.WIRE)) {
      judgement.fail(
          AddressingRules.L02,
          "what the peer receives depends on %s".formatted(variation.name()),
          Evidences.of(d, base.events(), variation.descriptor(), varied.events()));
    }
  }

  /** Both directions' positions reach the device, and not in the same bits. */
  private static void positions(
      IwarpConnectionDescriptor d, Dependence dependence, Judgement judgement) {
    String send = name(Variations.SEND_NUMBERS);
    String receive = name(Variations.RECEIVE_NUMBERS);
    for (String numbers : List.of(send, receive)) {
      if (dependence.changedBits(numbers) == 0) {
        judgement.fail(
            SequenceRules.L13,
            "nothing depends on %s: the stream cannot go on where it stands".formatted(numbers),
            Evidences.of(d, dependence.base().events(), d, List.of()));
        if (dependence.changedBits(send) != dependence.changedBits(receive)) {
          judgement.fail(
              SequenceRules.L14,
              "nothing depends on %s alone: the other direction's number stands for both"
                  .formatted(numbers),
              Evidences.of(d));
        }
      }
    }
    boolean sendAlone = false;
    boolean receiveAlone = false;
    for (List<Set<String>> row : dependence.bits().values()) {
      for (Set<String> fields : row) {
        sendAlone |= fields.contains(send) && !fields.contains(receive);
        receiveAlone |= fields.contains(receive) && !fields.contains(send);
      }
    }
    if (dependence.changedBits(send) > 0
        && dependence.changedBits(receive) > 0
        && (!sendAlone || !receiveAlone)) {
      judgement.fail(
          SequenceRules.L14,
          "no bit depends on the position of one direction alone: both share one number",
          Evidences.of(d));
    }
  }

  private static String name(List<FieldKey<Long>> keys) {
    return keys.stream()
        .map(FieldKey::path)
        .sorted()
        .collect(java.util.stream.Collectors.joining("+"));
  }

  /** A field that is missing is refused, or replaced by what the driver declares. */
  private static void absent(Lab lab, Set<FieldKey<?>> declared, Judgement judgement)
      throws Exception {
    IwarpConnectionDescriptor d = lab.draw(lab.shape().role(MpaRole.INITIATOR), "absent");
    Set<FieldKey<?>> defaults = new HashSet<>(lab.capabilities().defaults().keySet());
    for (FieldKey<?> key : sorted(declared)) {
      if (!d.isKnown(key)) {
        continue;
      }
      Optional<IwarpConnectionDescriptor> without = Variations.without(d, key);
      if (without.isEmpty() || defaults.contains(key)) {
        continue;
      }
      Observation seen;
      try {
        seen = Observer.observe(lab, without.get());
      } catch (TransferException e) {
        boolean typed =
            e.refusals().stream().anyMatch(r -> r.reason() == RefusalReason.FIELD_ABSENT);
        if (!typed) {
          judgement.fail(
              TransferRules.L75,
              "%s is absent: expected a refusal with FIELD_ABSENT, seen %s"
                  .formatted(key.path(), e),
              Evidences.of(without.get()));
        }
        continue;
      } catch (RuntimeException e) {
        judgement.fail(
            TransferRules.L75,
            "%s is absent: expected a refusal with FIELD_ABSENT, seen %s%s"
                .formatted(key.path(), e, Unexpected.at(e)),
            Evidences.of(without.get()));
        continue;
      }
      if (seen.isTaken() && lab.target().isAdapter()) {
        judgement.fail(
            TransferRules.L75,
            "%s is consumed and absent: taken, and no default is declared".formatted(key.path()),
            Evidences.of(without.get(), seen.events(), d, List.of()));
      }
    }
  }

  /** In one order, so that the same findings come first each time. */
  private static List<FieldKey<?>> sorted(Set<FieldKey<?>> keys) {
    return DescriptorFields.all().stream().filter(keys::contains).toList();
  }

  private static List<ProvenanceRow> rows(Dependence dependence) {
    List<ProvenanceRow> rows = new ArrayList<>();
    for (Map.Entry<String, List<Set<String>>> row : dependence.bits().entrySet()) {
      if (row.getKey().equals(Observation.PREPARE) || rows.size() >= MAX_ROWS) {
        continue;
      }
      List<String> bits = new ArrayList<>();
      for (Set<String> fields : row.getValue()) {
        Set<String> single = new TreeSet<>();
        fields.forEach(group -> single.addAll(Arrays.asList(group.split("\\+", -1))));
        bits.add(String.join(",", single));
      }
      Octets octets = dependence.base().outputs().get(row.getKey());
      if (octets != null && bits.stream().anyMatch(bit -> !bit.isEmpty())) {
        rows.add(
            new ProvenanceRow(
                row.getKey(), java.util.HexFormat.of().formatHex(octets.toByteArray()), bits));
      }
    }
    return rows;
  }
}

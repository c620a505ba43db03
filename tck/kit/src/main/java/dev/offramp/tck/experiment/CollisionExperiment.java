package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.FieldKey;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.oracle.CollisionPair;
import dev.offramp.tck.oracle.CollisionPairs;
import dev.offramp.tck.oracle.Noise;
import dev.offramp.tck.oracle.Observation;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SequenceRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Connections that an encoder of another transport could not tell apart: the driver must. Each pair
 * is tried with several samples; one that is treated alike in all of them is a leak.
 */
final class CollisionExperiment implements Experiment {
  private static final int DRAWS = 3;

  @Override
  public String name() {
    return "collisions";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        SequenceRules.L12,
        SequenceRules.L14,
        NegotiationRules.L19,
        NegotiationRules.L20,
        NegotiationRules.L25,
        NegotiationRules.L26,
        NegotiationRules.L31,
        NegotiationRules.L32,
        AddressingRules.L04,
        AddressingRules.L06);
  }

  /** What became of one kind of pair in all samples. */
  private static final class Tally {
    private int told;
    private int alike;
    private final CollisionPair pair;
    private Finding shown = new Finding("", List.of(), List.of());

    Tally(CollisionPair pair) {
      this.pair = pair;
    }
  }

  private record Finding(
      String text, List<IwarpConnectionDescriptor> pair, List<Observation> seen) {}

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    Set<FieldKey<?>> declared = lab.capabilities().consumes();
    for (Shape shape : shapes(lab)) {
      Map<String, Tally> tallies = new TreeMap<>();
      for (int draw = 0; draw < DRAWS; draw++) {
        IwarpConnectionDescriptor d = lab.draw(shape, "collisions " + draw);
        Noise noise = Noise.of(List.of(Observer.observe(lab, d), Observer.observe(lab, d)));
        for (CollisionPair pair : CollisionPairs.of(d, lab.random("collisions " + draw))) {
          if (pair.essential() || pair.fields().stream().anyMatch(declared::contains)) {
            String key = pair.id() + " " + pair.words() + " " + paths(pair);
            compare(lab, pair, noise, tallies.computeIfAbsent(key, k -> new Tally(pair)));
          }
        }
      }
      tallies.values().forEach(tally -> judge(tally, judgement));
    }
  }

  private static List<Shape> shapes(Lab lab) throws Exception {
    Shape plain = lab.shape().role(MpaRole.INITIATOR);
    List<Shape> shapes = new ArrayList<>(List.of(plain));
    for (Shape shape : List.of(plain.vlan(true), plain.ipv6(true))) {
      if (!shape.equals(plain) && Observer.observe(lab, lab.draw(shape, "collisions")).isTaken()) {
        shapes.add(shape);
      }
    }
    return shapes;
  }

  private static String paths(CollisionPair pair) {
    return pair.fields().stream().map(FieldKey::path).sorted().collect(Collectors.joining("+"));
  }

  private static void compare(Lab lab, CollisionPair pair, Noise noise, Tally tally)
      throws Exception {
    List<Observation> seen = new ArrayList<>();
    List<IwarpConnectionDescriptor> taken = new ArrayList<>();
    for (IwarpConnectionDescriptor d : pair.connections()) {
      Observation one = noise.without(Observer.observe(lab, d));
      // What the driver says beforehand that it cannot keep is the caller's to accept or not.
      boolean listed = pair.fields().stream().anyMatch(key -> one.losses().contains(key.path()));
      if (one.isTaken() && !listed) {
        seen.add(one);
        taken.add(d);
      }
    }
    if (seen.size() < 2) {
      return; // a refusal beforehand tells them apart
    }
    if (isAlike(lab, noise, taken, seen)) {
      tally.alike++;
      tally.shown =
          new Finding(
              "%s: %s; the same commands for both".formatted(pair.id(), pair.words()), taken, seen);
    } else {
      tally.told++;
    }
  }

  /**
   * Whether the driver did the same for all. On a busy machine one connection can come out
   * differently by chance, so those that differ get a second try.
   */
  private static boolean isAlike(
      Lab lab, Noise noise, List<IwarpConnectionDescriptor> taken, List<Observation> seen)
      throws Exception {
    if (seen.stream().map(Observation::outputs).distinct().count() == 1) {
      return true;
    }
    Set<Object> common = new HashSet<>();
    for (int i = 0; i < seen.size(); i++) {
      Set<Object> outputs = new HashSet<>();
      outputs.add(seen.get(i).outputs());
      outputs.add(noise.without(Observer.observe(lab, taken.get(i))).outputs());
      if (i == 0) {
        common.addAll(outputs);
      } else {
        common.retainAll(outputs);
      }
    }
    return !common.isEmpty();
  }

  private static void judge(Tally tally, Judgement judgement) {
    CollisionPair pair = tally.pair;
    if (tally.alike > 0 && tally.told == 0) {
      judgement.fail(
          pair.rule(),
          "%s [%s]".formatted(tally.shown.text(), paths(pair)),
          Evidences.of(
              tally.shown.pair().get(0),
              tally.shown.seen().get(0).events(),
              tally.shown.pair().get(1),
              tally.shown.seen().get(1).events()));
    }
  }
}

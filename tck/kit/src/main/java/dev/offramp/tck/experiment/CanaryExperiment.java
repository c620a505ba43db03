package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.oracle.Forms;
import dev.offramp.tck.oracle.Forms.Form;
import dev.offramp.tck.oracle.Images;
import dev.offramp.tck.oracle.Numbers;
import dev.offramp.tck.oracle.Observation;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.FrameRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Every field gets values that occur nowhere else, and all that the driver writes is searched for
 * what another transport would make of them.
 */
final class CanaryExperiment implements Experiment {
  private static final int DRAWS = 4;

  /** Constants of the other transport that stand for themselves. */
  private static final Map<Integer, Constant> CONSTANTS =
      Map.of(
          0x0123_4567,
          new Constant(AddressingRules.L07, "0x01234567, a queue key (Q_Key) of rdma_cm"),
          0x0107_0203,
          new Constant(
              FrameRules.L37, "01 07 02 03, the header of a connection manager's datagram (MAD)"));

  /** The UDP port of RoCE version 2. */
  private static final byte[] ROCE_PORT = {0x12, (byte) 0xB7};

  private record Constant(Rule rule, String words) {}

  @Override
  public String name() {
    return "canaries";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        AddressingRules.L01,
        AddressingRules.L02,
        AddressingRules.L06,
        AddressingRules.L07,
        AddressingRules.L08,
        FrameRules.L36,
        FrameRules.L37,
        NegotiationRules.L30);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    Shape plain = lab.shape();
    List<Shape> shapes = new ArrayList<>(List.of(plain));
    for (Shape shape : List.of(plain.vlan(true), plain.ipv6(true))) {
      if (!shape.equals(plain) && Observer.observe(lab, lab.draw(shape, "canaries")).isTaken()) {
        shapes.add(shape);
      }
    }
    for (Shape shape : shapes) {
      for (MpaRole role : MpaRole.values()) {
        search(lab, shape.role(role), judgement);
      }
    }
  }

  private static void search(Lab lab, Shape shape, Judgement judgement) throws Exception {
    List<IwarpConnectionDescriptor> drawn = new ArrayList<>();
    List<Observation> seen = new ArrayList<>();
    for (int draw = 0; draw < DRAWS; draw++) {
      IwarpConnectionDescriptor d = lab.draw(shape, "canaries " + draw);
      Observation one = Observer.observe(lab, d);
      if (one.isTaken()) {
        drawn.add(d);
        seen.add(one);
      }
    }
    if (seen.size() < 2) {
      return;
    }
    forms(drawn, seen, judgement);
    for (Map.Entry<Integer, Constant> constant : CONSTANTS.entrySet()) {
      byte[] octets = java.nio.ByteBuffer.allocate(4).putInt(constant.getKey()).array();
      constant(octets, constant.getValue(), 4, drawn, seen, judgement);
    }
    constant(
        ROCE_PORT,
        new Constant(NegotiationRules.L30, "4791, the UDP port of RoCE"),
        2,
        drawn,
        seen,
        judgement);
    for (Numbers.Twin twin : Numbers.twins(drawn, seen)) {
      judgement.fail(
          NegotiationRules.L30,
          "%s stands at %s in 24 bits, as a packet sequence number (PSN) beside the whole number"
              .formatted(twin.field(), twin.place()),
          Evidences.of(drawn.get(0), seen.get(0).events(), drawn.get(1), seen.get(1).events()));
    }
  }

  /** A form must follow its field through all samples; wide ones need only two. */
  private static void forms(
      List<IwarpConnectionDescriptor> drawn, List<Observation> seen, Judgement judgement) {
    Map<String, Form> known = new LinkedHashMap<>();
    Map<String, List<String>> places = new HashMap<>();
    Map<String, Integer> hits = new HashMap<>();
    for (int i = 0; i < drawn.size(); i++) {
      for (Form form : Forms.of(drawn.get(i))) {
        List<String> found = Images.of(seen.get(i).outputs(), form.octets().toByteArray());
        known.putIfAbsent(form.key(), form);
        if (!found.isEmpty()) {
          hits.merge(form.key(), 1, Integer::sum);
          if (i == 0 || !places.containsKey(form.key())) {
            places.put(form.key(), new ArrayList<>(found));
          } else if (!form.isWide()) {
            places.get(form.key()).retainAll(found);
          }
        }
      }
    }
    for (Map.Entry<String, Form> entry : known.entrySet()) {
      Form form = entry.getValue();
      List<String> found = places.getOrDefault(entry.getKey(), List.of());
      boolean followed = hits.getOrDefault(entry.getKey(), 0) == drawn.size();
      if (followed && !found.isEmpty()) {
        judgement.fail(
            form.rule(),
            "%s stands at %s as %s".formatted(form.field(), found.get(0), form.words()),
            Evidences.of(drawn.get(0), seen.get(0).events(), drawn.get(1), seen.get(1).events()));
      }
    }
  }

  /** A constant that stands at one aligned place in each run, whatever the connection. */
  private static void constant(
      byte[] octets,
      Constant constant,
      int alignment,
      List<IwarpConnectionDescriptor> drawn,
      List<Observation> seen,
      Judgement judgement) {
    SortedMap<String, Integer> places = new TreeMap<>();
    for (Observation one : seen) {
      SortedMap<String, Octets> commands = new TreeMap<>(one.outputs());
      commands.remove(Observation.WIRE);
      for (String place : Images.of(commands, octets)) {
        int at = Integer.parseInt(place.substring(place.lastIndexOf(' ') + 1));
        if (at % alignment == 0) {
          places.merge(place, 1, Integer::sum);
        }
      }
    }
    places.forEach((place, count) -> {
      if (count == seen.size()) {
        judgement.fail(
            constant.rule(),
            "%s stands at %s in each run".formatted(constant.words(), place),
            Evidences.of(drawn.get(0), seen.get(0).events(), drawn.get(1), seen.get(1).events()));
      }
    });
  }
}

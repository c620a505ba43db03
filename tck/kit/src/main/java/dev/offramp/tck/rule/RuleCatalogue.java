package dev.offramp.tck.rule;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All rules there are. An id that is given twice stops the kit when this class is loaded. */
public final class RuleCatalogue {
  private static final Map<String, Rule> BY_ID =
      index(
          Stream.of(
                  AddressingRules.ALL,
                  SequenceRules.ALL,
                  NegotiationRules.ALL,
                  FrameRules.ALL,
                  EventRules.ALL,
                  ErrorRules.ALL,
                  NamingRules.ALL,
                  TransferRules.ALL,
                  MpaRules.ALL,
                  DdpRules.ALL,
                  RdmapRules.ALL,
                  ExtensionRules.ALL,
                  SpiRules.ALL,
                  PortRules.ALL)
              .flatMap(Collection::stream)
              .toList());

  private RuleCatalogue() {}

  /** In the order of families, and of ids in each. */
  public static List<Rule> all() {
    return List.copyOf(BY_ID.values());
  }

  /**
   * The rule with this id.
   *
   * @throws IllegalArgumentException when there is none; the message lists those with the same
   *     letter
   */
  public static Rule find(String id) {
    Rule rule = BY_ID.get(id);
    if (rule == null) {
      TreeSet<String> near = new TreeSet<>();
      for (String known : BY_ID.keySet()) {
        if (id.isEmpty() || known.charAt(0) == id.charAt(0)) {
          near.add(known);
        }
      }
      throw new IllegalArgumentException(
          "rule [%s] is not known; known: %s"
              .formatted(id, near.isEmpty() ? "L.., R..., S.., P.." : String.join(" ", near)));
    }
    return rule;
  }

  static Map<String, Rule> index(List<Rule> rules) {
    Map<String, Rule> byId = new LinkedHashMap<>();
    for (Rule rule : rules) {
      Rule other = byId.put(rule.id(), rule);
      if (other != null) {
        throw new IllegalStateException(
            "rule [%s] is registered twice: [%s] and [%s]"
                .formatted(rule.id(), other.sentence(), rule.sentence()));
      }
    }
    return Collections.unmodifiableMap(byId);
  }
}

package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.spi.RnicException;
import dev.offramp.tck.oracle.Noise;
import dev.offramp.tck.oracle.Observation;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Settings and properties that only another transport has: they change nothing, or are refused by
 * name. What changes with them depends on something that a TCP connection does not have.
 */
final class EnvironmentExperiment implements Experiment {
  /** Settings that mean something elsewhere, and the class of leaks that it would be. */
  private static final Map<String, Rule> KEYS = new LinkedHashMap<>();

  static {
    key(AddressingRules.L03, "sl", "service-level", "dlid", "lid", "path-bits", "port-num");
    key(AddressingRules.L05, "path-record", "num-paths", "resolve-route");
    key(AddressingRules.L06, "pkey", "pkey-index", "partition-key");
    key(AddressingRules.L07, "qkey");
    key(NegotiationRules.L22, "retry-count", "rnr-retry", "rnr-retry-count");
    key(NegotiationRules.L24, "srq", "shared-receive-queue");
    key(NegotiationRules.L26, "ack-timeout", "local-ack-timeout", "packet-lifetime");
    key(NegotiationRules.L27, "alt-path", "path-migration", "alternate-path");
    key(
        NegotiationRules.L29,
        "gid-index",
        "sgid-index",
        "gid-type",
        "default-roce-tos",
        "roce-tos");
  }

  private static void key(Rule rule, String... names) {
    for (String name : names) {
      KEYS.put(name, rule);
    }
  }

  @Override
  public String name() {
    return "environment";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(
        AddressingRules.L03,
        AddressingRules.L05,
        AddressingRules.L06,
        AddressingRules.L07,
        NegotiationRules.L22,
        NegotiationRules.L24,
        NegotiationRules.L26,
        NegotiationRules.L27,
        NegotiationRules.L29,
        SpiRules.S21);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    IwarpConnectionDescriptor d = lab.draw(lab.shape().role(MpaRole.INITIATOR), "environment");
    List<Observation> same =
        List.of(Observer.observe(lab, d), Observer.observe(lab, d), Observer.observe(lab, d));
    Noise noise = Noise.of(same);
    Observation base = noise.without(same.get(0));
    String id = lab.target().driver().get().id();
    for (Map.Entry<String, Rule> key : KEYS.entrySet()) {
      String name = key.getKey();
      String other = name.replace('-', '_');
      for (String value : List.of("1", "7", "true")) {
        Map<String, String> settings = new TreeMap<>();
        for (String spelling : List.of(name, other, id + "." + name, id + "." + other)) {
          settings.put(spelling, value);
        }
        vary(lab, d, base, noise, name, settings, key.getValue(), judgement);
      }
    }
    vary(
        lab,
        d,
        base,
        noise,
        "no-such-setting",
        Map.of("no-such-setting", "1"),
        SpiRules.S21,
        judgement);
  }

  private static void vary(
      Lab lab,
      IwarpConnectionDescriptor d,
      Observation base,
      Noise noise,
      String key,
      Map<String, String> settings,
      Rule rule,
      Judgement judgement)
      throws Exception {
    Observation seen;
    try {
      seen = noise.without(Observer.observe(lab, d, settings));
    } catch (RnicException e) {
      String text = String.valueOf(e.getMessage());
      if (settings.keySet().stream().noneMatch(text::contains)) {
        judgement.fail(
            SpiRules.S21,
            "the setting [%s] is refused without its name: [%s]".formatted(key, text));
      }
      return;
    }
    if (!seen.refused().equals(base.refused())
        || !seen.isSameAtDevice(base)
        || !seen.upcalls().equals(base.upcalls())) {
      String message =
          "the setting [%s] is not refused, and changes %s"
              .formatted(
                  key,
                  seen.isTaken() ? seen.differences(base) : "the admission: " + seen.refused());
      judgement.fail(rule, message, Evidences.of(d, base.events(), d, seen.events()));
      judgement.fail(SpiRules.S21, message, Evidences.of(d, base.events(), d, seen.events()));
    }
  }
}

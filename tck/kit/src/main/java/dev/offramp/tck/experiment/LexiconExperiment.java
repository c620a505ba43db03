package dev.offramp.tck.experiment;

import dev.offramp.api.descriptor.DescriptorFields;
import dev.offramp.api.descriptor.IwarpConnectionDescriptor;
import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.transfer.Admission;
import dev.offramp.api.transfer.Loss;
import dev.offramp.api.transfer.Refusal;
import dev.offramp.models.Faults;
import dev.offramp.spi.port.StreamPort;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.descriptor.Shape;
import dev.offramp.tck.oracle.Lexicon;
import dev.offramp.tck.rule.AddressingRules;
import dev.offramp.tck.rule.ErrorRules;
import dev.offramp.tck.rule.EventRules;
import dev.offramp.tck.rule.NamingRules;
import dev.offramp.tck.rule.NegotiationRules;
import dev.offramp.tck.rule.Rule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything that people read of a driver: what it says of itself, refusals, exceptions, log lines
 * and ends of streams, when all goes well and when it does not; and the settings that it asks for.
 */
final class LexiconExperiment implements Experiment {
  @Override
  public String name() {
    return "lexicon";
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
        NegotiationRules.L27,
        EventRules.L53,
        ErrorRules.L58,
        ErrorRules.L62,
        NamingRules.L70,
        NamingRules.L71);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    Map<String, String> texts = new LinkedHashMap<>();
    try (Bench bench = lab.open()) {
      texts.put("the driver's id", bench.driver().id());
      texts.put("the driver's description", bench.driver().description());
      texts.put("the driver's toString", String.valueOf(bench.driver()));
      texts.put("the RNIC's toString", String.valueOf(bench.rnic()));
      texts.put("ownerName()", bench.rnic().ownerName());
      for (String setting : bench.settingsAsked()) {
        Lexicon.find(setting).forEach(hit -> settings(setting, hit, judgement));
      }
    }
    lab.capabilities()
        .defaults()
        .forEach((key, value) -> texts.put("the default of " + key.path(), value));
    refusals(lab, texts);
    settings(lab, texts);
    ends(lab, texts);
    texts.forEach(
        (where, text) -> Lexicon.find(text).forEach(hit -> found(where, text, hit, judgement)));
  }

  private static void settings(String setting, Lexicon.Hit hit, Judgement judgement) {
    String message = "the driver asks for the setting [%s]: %s".formatted(setting, hit.words());
    judgement.fail(NamingRules.L71, message);
    judgement.fail(hit.rule(), message);
  }

  /** A word has a class of its own, and belongs to the class of such texts. */
  private static void found(String where, String text, Lexicon.Hit hit, Judgement judgement) {
    String message = "%s speaks of [%s]: [%s]".formatted(where, hit.words(), text);
    judgement.fail(NamingRules.L70, message);
    judgement.fail(hit.rule(), message);
  }

  /** What a driver says when it refuses connections of every kind, and what it would lose. */
  private static void refusals(Lab lab, Map<String, String> texts) throws Exception {
    Shape plain = lab.shape().role(MpaRole.INITIATOR);
    List<IwarpConnectionDescriptor> asked = new ArrayList<>();
    for (Shape shape :
        List.of(
            plain.timestamps(true),
            plain.sack(!plain.sack()),
            plain.markers(true, true),
            plain.crc(false),
            plain.revision(1),
            plain.ipv6(!plain.ipv6()),
            plain.vlan(true),
            plain.depths(16382, 16382),
            plain.emss(100),
            plain.windows(14, 1 << 29),
            plain.privateDataBytes(508),
            plain.queues(9, 9, 9))) {
      asked.add(lab.draw(shape, "lexicon"));
    }
    asked.add(
        Descriptors.with(
            lab.draw(plain, "lexicon"), DescriptorFields.IRD, DescriptorFields.ULP_MANAGED_DEPTH));
    try (Bench bench = lab.open()) {
      int number = 0;
      for (IwarpConnectionDescriptor d : asked) {
        Admission admission = Admissions.ask(bench, d);
        for (Refusal refusal : admission.refusals()) {
          texts.put("refusal " + ++number, String.valueOf(refusal));
        }
        for (Loss loss : admission.losses()) {
          texts.put("loss " + ++number, loss.consequence());
        }
        if (!admission.isAdmitted()) {
          try {
            bench.wire(d);
            bench.call("arrive", () -> bench.rnic().arrive(d));
          } catch (java.io.IOException e) {
            texts.put("exception " + ++number, String.valueOf(e.getMessage()));
          }
        }
      }
      log(bench, "refusals", texts);
    }
  }

  /** What it says of settings that make no sense. */
  private static void settings(Lab lab, Map<String, String> texts) throws Exception {
    for (String key : List.of("no-such-setting", lab.target().driver().get().id() + ".no-such")) {
      Bench bench = lab.closed(Map.of(key, "1"), Faults.NONE);
      try (bench) {
        bench.open();
      } catch (java.io.IOException e) {
        texts.put("exception of open", String.valueOf(e.getMessage()));
      }
    }
  }

  /** What it says when streams end well and badly. */
  private static void ends(Lab lab, Map<String, String> texts) throws Exception {
    if (!lab.target().hasWire()) {
      return;
    }
    List<String> ways = List.of("reset", "time-out", "FIN", "terminate", "no buffer", "abort");
    for (String way : ways) {
      try (Bench bench = lab.open()) {
        Conversation talk =
            lab.arrive(bench, lab.shape().role(MpaRole.RESPONDER), "lexicon").activate();
        talk.peer().breakSilence();
        talk.run();
        switch (way) {
          case "reset" -> talk.peer().wire().dies(StreamPort.Failure.RESET);
          case "time-out" -> talk.peer().wire().dies(StreamPort.Failure.TIMED_OUT);
          case "FIN" -> talk.peer().wire().peerFinishes();
          case "terminate" -> talk.peer().terminate(0, 1, 2);
          case "no buffer" -> talk.peer().send(new byte[8]);
          default -> talk.abort();
        }
        talk.run();
        texts.put("end() after " + way, String.valueOf(talk.end()));
        texts.put("the connection's toString after " + way, String.valueOf(talk.connection()));
        try {
          talk.send(new byte[1]);
        } catch (java.io.IOException | RuntimeException e) {
          texts.put("the exception of post after " + way, String.valueOf(e.getMessage()));
        }
        bench.events().texts().forEach(text -> texts.put("the event after " + way, text));
        log(bench, way, texts);
      }
    }
  }

  private static void log(Bench bench, String when, Map<String, String> texts) {
    int number = 0;
    for (String line : bench.logLines()) {
      texts.put("log line " + ++number + " after " + when, line);
    }
  }
}

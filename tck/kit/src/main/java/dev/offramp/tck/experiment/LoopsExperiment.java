package dev.offramp.tck.experiment;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.tck.bench.Bench;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.PortRules;
import dev.offramp.tck.rule.Rule;
import java.util.Set;

/** What a driver gives to event loops comes back without an exception. */
final class LoopsExperiment implements Experiment {
  @Override
  public String name() {
    return "loops";
  }

  @Override
  public Stage stage() {
    return Stage.CONTRACT;
  }

  @Override
  public Set<Rule> decides() {
    return Set.of(PortRules.P12);
  }

  @Override
  public void run(Lab lab, Judgement judgement) throws Exception {
    for (MpaRole role : MpaRole.values()) {
      try (Bench bench = lab.open()) {
        Conversation talk = lab.arrive(bench, lab.shape().role(role), "loops").activate();
        if (bench.target().hasWire()) {
          talk.receive(talk.allocate(64));
          talk.peer().breakSilence();
          talk.peer().send(new byte[8]);
          talk.run();
          talk.send(new byte[8]);
          talk.run();
        }
        talk.abort();
        bench.conductor().settle(Conversation.SETTLE_NANOS);
        for (Throwable thrown : bench.conductor().taskFailures()) {
          judgement.fail(
              PortRules.P12,
              "a task of an event loop threw %s%s".formatted(thrown, Unexpected.at(thrown)),
              Evidences.of(bench.trace()));
        }
      }
    }
  }
}

package dev.offramp.tck.experiment;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.bench.Target;
import dev.offramp.tck.rule.Rule;
import dev.offramp.tck.rule.SpiRules;
import java.util.List;

/** What experiments at the wire have in common. */
abstract class WireExperiment implements Experiment {
  @Override
  public Stage stage() {
    return Stage.WIRE;
  }

  /** Without a model nothing reaches a peer. */
  @Override
  public boolean appliesTo(Target target) {
    return target.hasWire();
  }

  /** Deviations of the wire, of whatever rule. */
  static void judgeWire(Conversation conversation, Judgement judgement) {
    judgement.deviations(conversation.peer().deviations(), Evidences.of(conversation));
  }

  /** A condition that a rule demands. */
  static void require(
      boolean holds, Rule rule, String message, Conversation conversation, Judgement judgement) {
    if (!holds) {
      judgement.fail(rule, message, Evidences.of(conversation));
    }
  }

  /** A request must complete once, as what it was, with success. */
  static void requireSuccess(
      Conversation conversation, long id, Operation operation, long bytes, Judgement judgement) {
    List<Completion> all = conversation.completions().stream().filter(c -> c.id() == id).toList();
    if (all.size() != 1) {
      judgement.fail(
          SpiRules.S15,
          "%s %d completed %d times, expected once; completions [%s]"
              .formatted(operation, id, all.size(), shown(conversation)),
          Evidences.of(conversation));
      return;
    }
    Completion completion = all.get(0);
    boolean right =
        completion.operation() == operation
            && completion.status() == CompletionStatus.SUCCESS
            && (bytes < 0 || completion.bytes() == bytes);
    require(
        right,
        SpiRules.S15,
        "%s %d of %d bytes completed as [%s]".formatted(operation, id, bytes, shown(completion)),
        conversation,
        judgement);
  }

  static String shown(Completion completion) {
    return "%d %s %s %d bytes"
        .formatted(
            completion.id(), completion.operation(), completion.status(), completion.bytes());
  }

  static String shown(Conversation conversation) {
    return String.join(
        "; ", conversation.completions().stream().map(WireExperiment::shown).toList());
  }
}

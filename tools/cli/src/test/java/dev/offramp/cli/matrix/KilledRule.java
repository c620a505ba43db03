package dev.offramp.cli.matrix;

import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.runtime.journal.Phase;
import java.util.List;
import java.util.Optional;

/**
 * How the peer may hear of a death. A socket in TCP_REPAIR goes without a word, so what the peer
 * says next is answered by RST; any other is closed by the kernel, with FIN or RST as its queues
 * are.
 */
final class KilledRule {
  static final String RST = "RST";
  static final String FIN_OR_RST = "FIN or RST";

  /** Behind one that swallows RST until the next process opens the NIC. */
  static final String GUARDED = "*";

  private KilledRule() {}

  /**
   * What is right.
   *
   * @param steps all steps of that pair's move
   * @param phase the journal's last word
   * @param guarded whether a guard was up
   */
  static String of(
      MatrixOwner from,
      MatrixOwner to,
      List<String> steps,
      String moment,
      Optional<Phase> phase,
      boolean guarded) {
    boolean staysInStack = from == to && from.chip().isEmpty();
    boolean silent = !staysInStack && isSilent(steps, moment, phase);
    return (silent ? RST : FIN_OR_RST) + (guarded && isSettled(to, phase) ? GUARDED : "");
  }

  private static boolean isSilent(List<String> steps, String moment, Optional<Phase> phase) {
    int frozen = steps.indexOf("FREEZE#1");
    return switch (phase.orElse(Phase.ACTIVE)) {
      // An adapter freezes by its own commands, and has done so when its departure is over.
      case BEGUN -> frozen >= 0 && steps.indexOf(moment) >= frozen;
      case STOPPED, PREPARED, RELEASING -> true;
      default -> false;
    };
  }

  /** Adapters lift a guard while nobody waits for it. */
  private static boolean isSettled(MatrixOwner to, Optional<Phase> phase) {
    return switch (phase.orElse(Phase.ACTIVE)) {
      case BEGUN, STOPPED, PREPARED, RELEASING -> true;
      case RELEASED -> to.chip().isEmpty();
      default -> false;
    };
  }

  /** Whether an end is one that a rule allows. */
  static boolean allows(String rule, StreamEnd end) {
    return switch (end) {
      case StreamEnd.Reset() -> true;
      // In the middle of an FPDU.
      case StreamEnd.ClosedByPeer(), StreamEnd.TruncatedByPeer() -> rule.startsWith(FIN_OR_RST);
      default -> false;
    };
  }
}

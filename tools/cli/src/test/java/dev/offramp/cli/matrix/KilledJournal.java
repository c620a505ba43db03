package dev.offramp.cli.matrix;

import dev.offramp.cli.TransfersShown;
import dev.offramp.runtime.journal.JournalReader;
import dev.offramp.runtime.journal.JournalReader.Recorded;
import dev.offramp.runtime.journal.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the journal has to say of a connection whose process was killed, and what it says. */
final class KilledJournal {
  private KilledJournal() {}

  /**
   * The last word that is right.
   *
   * @param steps all steps of that pair's move
   */
  static Optional<Phase> expected(List<String> steps, String moment) {
    if (moment.equals(KilledMove.AFTER)) {
      return Optional.of(Phase.ACTIVE);
    }
    int at = steps.indexOf(moment);
    // The first admission is asked for while nothing has been stopped, and not recorded.
    if (moment.equals(KilledMove.BEFORE) || at == 0) {
      return Optional.empty();
    }
    // The old owner's socket is released within its own release.
    int released = last(steps, "RELEASE");
    if (at >= first(steps, "RELEASE")) {
      return Optional.of(at <= released ? Phase.RELEASING : Phase.RELEASED);
    }
    int prepared = last(steps, "PREPARE");
    // The new owner is asked again when the connection is described.
    int described = lastBefore(steps, "ADMIT", first(steps, "PREPARE"));
    return Optional.of(
        at > prepared ? Phase.PREPARED : at >= described ? Phase.STOPPED : Phase.BEGUN);
  }

  private static int first(List<String> steps, String kind) {
    return steps.indexOf(kind + "#1");
  }

  private static int last(List<String> steps, String kind) {
    return lastBefore(steps, kind, steps.size());
  }

  private static int lastBefore(List<String> steps, String kind, int end) {
    for (int i = end - 1; i >= 0; i--) {
      if (steps.get(i).startsWith(kind + "#")) {
        return i;
      }
    }
    return -1;
  }

  /**
   * The last word on a move.
   *
   * @param from the old owner's name; an offload is another transfer
   */
  static Optional<Recorded> of(Path journal, int hostPort, String from) throws IOException {
    List<Recorded> moves =
        JournalReader.read(journal).stream()
            .filter(each -> each.local().endsWith(":" + hostPort) && each.from().equals(from))
            .toList();
    if (moves.size() > 1) {
      throw new IOException("recorded more than once: " + moves);
    }
    return moves.stream().findFirst();
  }

  /** What is wrong with a record, and with how {@code offramp transfers} shows it. */
  static Optional<String> wrongWith(
      Path journal, Recorded seen, Phase expected, String from, String to) throws IOException {
    boolean right =
        seen.phase() == expected
            && seen.from().equals(from)
            && seen.to().equals(to)
            && seen.isCutOff() == !expected.isLast()
            && !seen.isUnderWay();
    if (!right) {
      return Optional.of("journal: seen " + seen + ", expected " + expected);
    }
    String id = "%016x".formatted(seen.id());
    Map<String, Object> shown =
        TransfersShown.of(journal).stream()
            .filter(each -> id.equals(each.get("id")))
            .findFirst()
            .orElse(Map.of());
    boolean same =
        expected.name().equals(shown.get("phase"))
            && expected.owner().name().equals(shown.get("owner"))
            && from.equals(shown.get("from"))
            && to.equals(shown.get("to"))
            && Boolean.valueOf(!expected.isLast()).equals(shown.get("cut_off"));
    return same ? Optional.empty() : Optional.of("offramp transfers: " + shown);
  }
}

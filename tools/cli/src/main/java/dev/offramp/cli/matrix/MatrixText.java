package dev.offramp.cli.matrix;

import dev.offramp.api.transfer.Refusal;
import dev.offramp.cli.matrix.MatrixAttempt.Outcome;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The matrix in words. */
final class MatrixText {
  private MatrixText() {}

  /** One pair on one line. */
  static String line(MatrixCell cell) {
    String target = cell.from() == cell.to() ? cell.to().second() : cell.to().label();
    String what =
        cell.moved()
            .map(moved -> "moved, traffic: %s, %s".formatted(moved.traffic().label(), pause(moved)))
            .orElse("not moved");
    String others =
        cell.attempts().stream()
            .filter(attempt -> attempt.outcome() != Outcome.MOVED)
            .map(attempt -> "; " + attempt.traffic().label() + ": " + why(attempt))
            .collect(Collectors.joining());
    return "%-18s -> %-20s %s%s%s%s%s"
        .formatted(
            cell.from().label(),
            target,
            cell.isModelled() ? "(model) " : "",
            what,
            others,
            cell.isAsDeclared() ? "" : "; NOT AS DECLARED",
            cell.complaints().isEmpty() ? "" : "; COMPLAINTS " + cell.complaints());
  }

  /** All of it, after all pairs. */
  static String summary(List<MatrixCell> cells, boolean good) {
    String moved =
        Arrays.stream(MatrixTraffic.values())
            .map(traffic -> "%s %d".formatted(traffic.label(), count(cells, traffic)))
            .collect(Collectors.joining(", "));
    return "%d pairs. Moved: %s. Not moved: %d. %s Adapters are models, not silicon."
        .formatted(
            cells.size(),
            moved,
            cells.stream().filter(cell -> cell.moved().isEmpty()).count(),
            good ? "Nothing lost, all as declared." : "NOT GOOD: see above.");
  }

  private static long count(List<MatrixCell> cells, MatrixTraffic traffic) {
    return cells.stream()
        .flatMap(cell -> cell.moved().stream())
        .filter(attempt -> attempt.traffic() == traffic)
        .count();
  }

  /** How long the move took. */
  static String pause(MatrixAttempt moved) {
    return String.format(Locale.ROOT, "%.1f ms", moved.moveMicros() / 1e3);
  }

  private static String why(MatrixAttempt attempt) {
    return switch (attempt.outcome()) {
      case MOVED -> "moved";
      case REFUSED ->
          "refused, " + reasons(attempt.refusals()) + (attempt.isGood() ? ", went on" : ", LOST");
      case FAILED -> "FAILED, " + attempt.failure();
    };
  }

  private static String reasons(List<Refusal> refusals) {
    return refusals.stream()
        .map(refusal -> refusal.reason() + " [" + refusal.seen() + "]")
        .collect(Collectors.joining(", "));
  }
}

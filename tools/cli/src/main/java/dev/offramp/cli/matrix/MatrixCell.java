package dev.offramp.cli.matrix;

import dev.offramp.cli.matrix.MatrixAttempt.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An ordered pair of owners.
 *
 * @param from the kind that has the connection
 * @param to the kind that is to take it; a second instance when it is the same
 * @param ipv6 the family
 * @param attempts from the richest traffic on, until one moved
 * @param complaints what models have against their drivers, and what drivers have not given back
 */
record MatrixCell(
    MatrixOwner from,
    MatrixOwner to,
    boolean ipv6,
    List<MatrixAttempt> attempts,
    List<String> complaints) {
  MatrixCell {
    attempts = List.copyOf(attempts);
    complaints = List.copyOf(complaints);
  }

  /** The attempt that moved the connection. */
  Optional<MatrixAttempt> moved() {
    return attempts.stream().filter(attempt -> attempt.outcome() == Outcome.MOVED).findFirst();
  }

  /** Whether nothing was lost, moved or not, and the pair did what it declares. */
  boolean isGood() {
    return complaints.isEmpty()
        && isAsDeclared()
        && attempts.stream().allMatch(MatrixAttempt::isGood);
  }

  boolean isAsDeclared() {
    return moved().map(MatrixAttempt::traffic).equals(Optional.of(to.takes()));
  }

  boolean isModelled() {
    return from.chip().isPresent() || to.chip().isPresent();
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("from", from.label());
    map.put("to", to == from ? to.second() : to.label());
    map.put("model", isModelled());
    map.put("moved", moved().isPresent());
    map.put("traffic", moved().map(attempt -> attempt.traffic().key()).orElse("none"));
    map.put("declared", to.takes().key());
    map.put("pause_micros", moved().map(MatrixAttempt::moveMicros).orElse(null));
    map.put("good", isGood());
    map.put("complaints", complaints);
    map.put("attempts", attempts.stream().map(MatrixAttempt::toMap).toList());
    return map;
  }
}

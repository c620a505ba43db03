package dev.offramp.cli.matrix;

import dev.offramp.api.transfer.Refusal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One move that was tried, and how all the traffic of its connection ended.
 *
 * @param traffic what the connection did
 * @param outcome what became of the move
 * @param owner who has the connection in the end
 * @param moveMicros how long the call took, coming to rest included
 * @param inFlight requests that were posted and not completed when the move was asked for, both
 *     ends
 * @param bytes how many had to arrive, both ways
 * @param lostBytes how many of them did not, or changed
 * @param requests how many were posted, both ends
 * @param completedOnce how many of them completed exactly once
 * @param refusals the typed reasons; empty unless refused
 * @param failure what went wrong; empty when nothing did
 */
record MatrixAttempt(
    MatrixTraffic traffic,
    Outcome outcome,
    String owner,
    long moveMicros,
    int inFlight,
    long bytes,
    long lostBytes,
    int requests,
    int completedOnce,
    List<Refusal> refusals,
    String failure) {
  /** What became of a move. */
  enum Outcome {
    /** The connection is at the next owner. */
    MOVED,
    /** It is where it was, and goes on there. */
    REFUSED,
    /** Neither moved nor refused: something is wrong. */
    FAILED
  }

  /** Whether all arrived unchanged, and every request completed exactly once. */
  boolean isGood() {
    return outcome != Outcome.FAILED && lostBytes == 0 && completedOnce == requests;
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("traffic", traffic.key());
    map.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
    map.put("owner", owner);
    map.put("move_micros", moveMicros);
    map.put("in_flight", inFlight);
    map.put("bytes", bytes);
    map.put("bytes_lost", lostBytes);
    map.put("digests_equal", bytes > 0 && outcome != Outcome.FAILED && lostBytes == 0);
    map.put("requests", requests);
    map.put("completed_once", completedOnce);
    map.put("refusals", refusals.stream().map(MatrixAttempt::toMap).toList());
    if (!failure.isEmpty()) {
      map.put("failure", failure);
    }
    return map;
  }

  private static Map<String, Object> toMap(Refusal refusal) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("reason", refusal.reason().name());
    map.put("seen", refusal.seen());
    map.put("expected", refusal.expected());
    map.put("remedy", refusal.remedy());
    return map;
  }
}

package dev.offramp.cli.matrix;

import dev.offramp.cli.matrix.MatrixAttempt.Outcome;
import dev.offramp.cli.matrix.MatrixCable.Place;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Every kind of owner to every kind. For each pair the richest traffic is tried first; where that
 * is refused the connection has to go on with nothing lost, and poorer traffic is tried. What is
 * tried depends on the owners' answers alone; what they declare is compared afterwards.
 */
public final class MatrixRun {
  /** What the number of bytes is a multiple of. */
  public static final long GRAIN_BYTES = 8L * MatrixEnd.CHUNKS;

  /** Each end has four times as much memory. */
  public static final long MAX_BYTES = 1L << 28;

  private final long bytes;
  private final boolean ipv6;
  private final List<MatrixCell> cells = new ArrayList<>();

  /**
   * A run.
   *
   * @param bytes each way by each operation; a multiple of {@link #GRAIN_BYTES}, at most {@link
   *     #MAX_BYTES}
   */
  public MatrixRun(long bytes, boolean ipv6) {
    if (bytes < GRAIN_BYTES || bytes % GRAIN_BYTES != 0 || bytes > MAX_BYTES) {
      throw new IllegalArgumentException(
          "bytes: seen [%d], expected a multiple of %d up to %d"
              .formatted(bytes, GRAIN_BYTES, MAX_BYTES));
    }
    this.bytes = bytes;
    this.ipv6 = ipv6;
  }

  /**
   * Tries all pairs, in a network namespace that is this process's own.
   *
   * @param listener hears of each pair, for people
   */
  public void run(Consumer<String> listener) throws IOException, InterruptedException {
    try (MatrixWorld world = MatrixWorld.open()) {
      // Both programs get warm, so that the first pair's pause is not that of a cold JVM.
      new MatrixMove(
              world,
              MatrixOwner.SOFTIWARP.label(),
              MatrixOwner.SOFTIWARP.second(),
              MatrixTraffic.ALL,
              GRAIN_BYTES)
          .run(ipv6);
      for (MatrixOwner from : MatrixOwner.values()) {
        for (MatrixOwner to : MatrixOwner.values()) {
          MatrixCell cell = cell(world, from, to);
          cells.add(cell);
          listener.accept(MatrixText.line(cell));
        }
      }
    }
  }

  private MatrixCell cell(MatrixWorld world, MatrixOwner from, MatrixOwner to)
      throws IOException, InterruptedException {
    String target = to == from ? to.second() : to.label();
    List<MatrixWorld.PluggedAdapter> adapters = new ArrayList<>();
    List<MatrixAttempt> attempts = new ArrayList<>();
    List<String> complaints = new ArrayList<>();
    try {
      if (from.chip().isPresent()) {
        adapters.add(
            world.plug(
                from.chip().get(),
                from.label(),
                to == MatrixOwner.DETACHED ? Place.AT_HOST : Place.AT_PEER));
      }
      if (to.chip().isPresent()) {
        adapters.add(world.plug(to.chip().get(), target, Place.AT_HOST));
      }
      for (MatrixTraffic traffic : MatrixTraffic.values()) {
        MatrixAttempt attempt =
            new MatrixMove(world, from.label(), target, traffic, bytes).run(ipv6);
        attempts.add(attempt);
        if (attempt.outcome() == Outcome.MOVED) {
          break;
        }
      }
      adapters.forEach(adapter -> complaints.addAll(adapter.complaints()));
    } finally {
      adapters.forEach(MatrixWorld.PluggedAdapter::close);
    }
    return new MatrixCell(from, to, ipv6, attempts, complaints);
  }

  /** The pairs that were tried, in order. */
  List<MatrixCell> cells() {
    return List.copyOf(cells);
  }

  /** Whether all pairs did what they declare, and no connection lost anything, moved or not. */
  public boolean isGood() {
    int kinds = MatrixOwner.values().length;
    return cells.size() == kinds * kinds && cells.stream().allMatch(MatrixCell::isGood);
  }

  /** The picture. */
  public String svg() {
    return MatrixPicture.of(cells, bytes, ipv6);
  }

  /** For people. */
  public String summary() {
    return MatrixText.summary(cells, isGood());
  }

  /** For programs. */
  public Map<String, Object> toMap() {
    List<MatrixAttempt> attempts =
        cells.stream().flatMap(cell -> cell.attempts().stream()).toList();
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("matrix", true);
    map.put("adapters", "models, not silicon");
    map.put("ip", ipv6 ? "ipv6" : "ipv4");
    map.put("bytes", bytes);
    map.put("pairs", cells.size());
    map.put("good", isGood());
    for (MatrixTraffic traffic : MatrixTraffic.values()) {
      map.put(
          "moved_" + traffic.key(),
          cells.stream()
              .flatMap(cell -> cell.moved().stream())
              .filter(attempt -> attempt.traffic() == traffic)
              .count());
    }
    map.put("not_moved", cells.stream().filter(cell -> cell.moved().isEmpty()).count());
    map.put("bytes_lost", attempts.stream().mapToLong(MatrixAttempt::lostBytes).sum());
    map.put("requests", attempts.stream().mapToLong(MatrixAttempt::requests).sum());
    map.put("completed_once", attempts.stream().mapToLong(MatrixAttempt::completedOnce).sum());
    map.put("cells", cells.stream().map(MatrixCell::toMap).toList());
    return map;
  }
}

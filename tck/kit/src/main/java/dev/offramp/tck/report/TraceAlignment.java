package dev.offramp.tck.report;

import dev.offramp.tck.report.Finding.Line;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts two traces side by side: lines of the same kind at the same place stand beside each other,
 * as many as can without changing the order (the longest common subsequence).
 */
final class TraceAlignment {
  /** Beyond this many pairs lines are put beside each other by number. */
  private static final int MAX_PAIRS = 4_000_000;

  /**
   * A row. One side may be missing.
   *
   * @param left the line of the first trace
   * @param right the line of the second
   */
  record Row(@Nullable Line left, @Nullable Line right) {
    boolean differs() {
      return left == null || !left.equals(right);
    }
  }

  private TraceAlignment() {}

  static List<Row> of(List<Line> left, List<Line> right) {
    if ((long) left.size() * right.size() > MAX_PAIRS) {
      return byNumber(left, right);
    }
    int[][] best = new int[left.size() + 1][right.size() + 1];
    for (int i = left.size() - 1; i >= 0; i--) {
      for (int j = right.size() - 1; j >= 0; j--) {
        best[i][j] =
            Math.max(
                match(left.get(i), right.get(j)) + best[i + 1][j + 1],
                Math.max(best[i + 1][j], best[i][j + 1]));
      }
    }
    List<Row> rows = new ArrayList<>();
    int i = 0;
    int j = 0;
    while (i < left.size() && j < right.size()) {
      int match = match(left.get(i), right.get(j));
      if (match > 0 && best[i][j] == match + best[i + 1][j + 1]) {
        rows.add(new Row(left.get(i++), right.get(j++)));
      } else if (best[i + 1][j] >= best[i][j + 1]) {
        rows.add(new Row(left.get(i++), null));
      } else {
        rows.add(new Row(null, right.get(j++)));
      }
    }
    left.subList(i, left.size()).forEach(line -> rows.add(new Row(line, null)));
    right.subList(j, right.size()).forEach(line -> rows.add(new Row(null, line)));
    return Collections.unmodifiableList(rows);
  }

  /** Equal lines are the better match, so that a row that is there twice finds its like. */
  private static int match(Line left, Line right) {
    if (left.equals(right)) {
      return 2;
    }
    return left.kind().equals(right.kind()) && left.place().equals(right.place()) ? 1 : 0;
  }

  private static List<Row> byNumber(List<Line> left, List<Line> right) {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      rows.add(
          new Row(i < left.size() ? left.get(i) : null, i < right.size() ? right.get(i) : null));
    }
    return rows;
  }
}

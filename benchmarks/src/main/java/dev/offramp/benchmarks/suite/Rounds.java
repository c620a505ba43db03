package dev.offramp.benchmarks.suite;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Has contenders take turns: A B C, C B A, A B C ... so that what else the machine does, and who
 * goes first, hits all alike.
 */
public final class Rounds {
  private final int warmup;
  private final int measured;

  /**
   * Rounds to come.
   *
   * @param warmup rounds that only warm up
   * @param measured rounds that count
   */
  public Rounds(int warmup, int measured) {
    this.warmup = warmup;
    this.measured = measured;
  }

  /** One thing to measure. */
  public interface Contender {
    String name();

    /** Measures once; the values mean the same in every round, and there are as many. */
    double[] measure() throws Exception;
  }

  /** A contender from its two parts. */
  public static Contender contender(String name, Measurement measurement) {
    return new Contender() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public double[] measure() throws Exception {
        return measurement.measure();
      }
    };
  }

  /** What a contender does. */
  @FunctionalInterface
  public interface Measurement {
    double[] measure() throws Exception;
  }

  /** By contender's name, one series per value that it measures. */
  public Map<String, List<Series>> run(List<Contender> contenders) throws Exception {
    double[][][] seen = new double[contenders.size()][measured][];
    for (int round = -warmup; round < measured; round++) {
      for (int turn = 0; turn < contenders.size(); turn++) {
        int index = (round & 1) == 0 ? turn : contenders.size() - 1 - turn;
        double[] values = contenders.get(index).measure();
        if (round >= 0) {
          seen[index][round] = values;
        }
      }
    }
    Map<String, List<Series>> result = new LinkedHashMap<>();
    for (int i = 0; i < contenders.size(); i++) {
      result.put(contenders.get(i).name(), columns(seen[i]));
    }
    return result;
  }

  private static List<Series> columns(double[][] rows) {
    int width = rows.length == 0 ? 0 : rows[0].length;
    Series[] columns = new Series[width];
    for (int c = 0; c < width; c++) {
      int column = c;
      columns[c] = Series.of(Arrays.stream(rows).mapToDouble(row -> row[column]).toArray());
    }
    return List.of(columns);
  }
}

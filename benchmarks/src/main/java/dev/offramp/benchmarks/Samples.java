package dev.offramp.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Measured values, from which only order statistics are taken: means lie on a busy machine. */
public final class Samples {
  private double[] values = new double[64];
  private int count;

  public void add(double value) {
    values = count == values.length ? Arrays.copyOf(values, 2 * count) : values;
    values[count++] = value;
  }

  public int count() {
    return count;
  }

  public double median() {
    return quantile(0.5);
  }

  /** Nearest rank; NaN without samples. */
  public double quantile(double fraction) {
    if (count == 0) {
      return Double.NaN;
    }
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[Math.clamp((long) Math.ceil(fraction * count) - 1, 0, count - 1)];
  }

  /** For JSON. */
  public Map<String, Object> summary() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("n", count);
    map.put("min", rounded(quantile(0)));
    map.put("p25", rounded(quantile(0.25)));
    map.put("median", rounded(median()));
    map.put("p75", rounded(quantile(0.75)));
    map.put("p99", rounded(quantile(0.99)));
    map.put("max", rounded(quantile(1)));
    return map;
  }

  private static double rounded(double value) {
    return Double.isNaN(value) ? -1 : Math.round(value * 1000) / 1000.0;
  }
}

package dev.offramp.benchmarks.suite;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One value per round, in the order of the rounds. Only order statistics are taken: a mean lies on
 * a busy machine.
 */
public final class Series {
  private final double[] rounds;

  private Series(double[] rounds) {
    this.rounds = rounds;
  }

  public static Series of(double... rounds) {
    return new Series(rounds.clone());
  }

  /**
   * This one's rounds divided by another's, round by round: what the machine did besides hit both.
   *
   * @throws IllegalArgumentException when they do not have the same rounds
   */
  public Series dividedBy(Series other) {
    requireAsMany(other);
    double[] ratios = new double[rounds.length];
    Arrays.setAll(ratios, i -> rounds[i] / other.rounds[i]);
    return new Series(ratios);
  }

  /** The other one's rounds taken off, round by round. */
  public Series minus(Series other) {
    requireAsMany(other);
    double[] differences = new double[rounds.length];
    Arrays.setAll(differences, i -> rounds[i] - other.rounds[i]);
    return new Series(differences);
  }

  /** The larger of both, round by round. */
  public Series max(Series other) {
    requireAsMany(other);
    double[] larger = new double[rounds.length];
    Arrays.setAll(larger, i -> Math.max(rounds[i], other.rounds[i]));
    return new Series(larger);
  }

  /** In another unit. */
  public Series times(double factor) {
    return new Series(Arrays.stream(rounds).map(round -> round * factor).toArray());
  }

  private void requireAsMany(Series other) {
    if (rounds.length != other.rounds.length) {
      throw new IllegalArgumentException(
          "seen [" + rounds.length + " and " + other.rounds.length + "] rounds, expected as many");
    }
  }

  public int count() {
    return rounds.length;
  }

  /**
   * The middle round; between the two middle ones where there is no middle. NaN without rounds, and
   * when a round gave nothing: what is left then is no fair sample.
   */
  public double median() {
    if (isIncomplete()) {
      return Double.NaN;
    }
    double[] sorted = sorted();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Nearest rank; NaN where the median is. */
  public double quantile(double fraction) {
    if (isIncomplete()) {
      return Double.NaN;
    }
    long rank = (long) Math.ceil(fraction * rounds.length) - 1;
    return sorted()[Math.clamp(rank, 0, rounds.length - 1)];
  }

  private boolean isIncomplete() {
    return rounds.length == 0 || Arrays.stream(rounds).anyMatch(Double::isNaN);
  }

  public double min() {
    return quantile(0);
  }

  public double max() {
    return quantile(1);
  }

  private double[] sorted() {
    double[] sorted = rounds.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("median", Numbers.rounded(median()));
    json.put("min", Numbers.rounded(min()));
    json.put("p25", Numbers.rounded(quantile(0.25)));
    json.put("p75", Numbers.rounded(quantile(0.75)));
    json.put("max", Numbers.rounded(max()));
    List<@Nullable Double> all = new ArrayList<>();
    for (double round : rounds) {
      all.add(Numbers.rounded(round));
    }
    json.put("rounds", all);
    return json;
  }
}

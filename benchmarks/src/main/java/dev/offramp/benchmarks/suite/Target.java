package dev.offramp.benchmarks.suite;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a figure has to reach.
 *
 * @param relation on which side of the limit it must be
 * @param limit in the figure's unit
 */
public record Target(Relation relation, double limit) {
  /** On which side of the limit a figure must be; the limit itself is met. */
  public enum Relation {
    AT_LEAST("≥"),
    AT_MOST("≤");

    private final String sign;

    Relation(String sign) {
      this.sign = sign;
    }
  }

  public static Target atLeast(double limit) {
    return new Target(Relation.AT_LEAST, limit);
  }

  public static Target atMost(double limit) {
    return new Target(Relation.AT_MOST, limit);
  }

  /**
   * Whether {@code value} is on the right side; NaN, which is what nothing measured gives, never.
   */
  public boolean isMetBy(double value) {
    return relation == Relation.AT_LEAST ? value >= limit : value <= limit;
  }

  @Override
  public String toString() {
    return relation.sign + " " + Numbers.plain(limit);
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("relation", relation.name());
    json.put("limit", limit);
    return json;
  }
}

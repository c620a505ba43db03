package dev.offramp.benchmarks.suite;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One line of the table: a ratio, or an amount that has a limit of its own.
 *
 * @param id stable, for programs: {@code goodput.write.64KiB}
 * @param name for people
 * @param unit of {@code value}: {@code ratio}, {@code B/op} ...
 * @param value what the target speaks of, round by round
 * @param ours what was measured of Offramp, null where {@code value} says it all
 * @param baseline what was measured of the other side, null where there is none
 * @param target null where the figure is for information
 * @param note what a reader has to know, or empty
 */
public record Figure(
    String id,
    String name,
    String unit,
    Series value,
    @Nullable Side ours,
    @Nullable Side baseline,
    @Nullable Target target,
    String note) {
  /** What a ratio's unit is called. */
  public static final String RATIO = "ratio";

  /**
   * One side of a ratio.
   *
   * @param name who
   * @param unit of its series
   */
  public record Side(String name, String unit, Series series) {
    Map<String, @Nullable Object> toJson() {
      Map<String, @Nullable Object> json = new LinkedHashMap<>();
      json.put("name", name);
      json.put("unit", unit);
      json.putAll(series.toJson());
      return json;
    }
  }

  /** How a figure stands. */
  public enum Verdict {
    MET,
    MISSED,
    /** There is no target. */
    INFORMATION
  }

  /** Ours divided by the baseline, round by round. */
  public static Figure ratio(
      String id, String name, Side ours, Side baseline, @Nullable Target target, String note) {
    return new Figure(
        id, name, RATIO, ours.series().dividedBy(baseline.series()), ours, baseline, target, note);
  }

  /** An amount by itself. */
  public static Figure amount(
      String id, String name, String unit, Series value, @Nullable Target target, String note) {
    return new Figure(id, name, unit, value, null, null, target, note);
  }

  /** Decided by the median. */
  public Verdict verdict() {
    if (target == null) {
      return Verdict.INFORMATION;
    }
    return target.isMetBy(value.median()) ? Verdict.MET : Verdict.MISSED;
  }

  Map<String, @Nullable Object> toJson() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("name", name);
    json.put("unit", unit);
    json.put("target", target == null ? null : target.toJson());
    json.put("verdict", verdict().name());
    json.put("value", value.toJson());
    json.put("ours", ours == null ? null : ours.toJson());
    json.put("baseline", baseline == null ? null : baseline.toJson());
    json.put("note", note);
    return json;
  }
}

package dev.offramp.benchmarks.suite;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object with typed members.
 *
 * @param map as the parser gave it
 */
record Json(Map<String, Object> map) {
  String text(String name) {
    return member(name, String.class);
  }

  double number(String name) {
    return member(name, Number.class).doubleValue();
  }

  Json object(String name) {
    return of(member(name, Map.class));
  }

  @Nullable Json objectOrNull(String name) {
    return map.get(name) == null ? null : object(name);
  }

  List<Json> objects(String name) {
    return ((List<?>) member(name, List.class)).stream().map(each -> of((Map<?, ?>) each)).toList();
  }

  /** What was null is NaN. */
  double[] numbers(String name) {
    List<?> all = member(name, List.class);
    double[] numbers = new double[all.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = all.get(i) instanceof Number number ? number.doubleValue() : Double.NaN;
    }
    return numbers;
  }

  private static Json of(Map<?, ?> map) {
    Map<String, Object> typed = new LinkedHashMap<>();
    map.forEach((name, value) -> typed.put(String.valueOf(name), value));
    return new Json(typed);
  }

  private <T> T member(String name, Class<T> type) {
    Object value = map.get(name);
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(
          "JSON member ["
              + name
              + "]: seen ["
              + value
              + "], expected a "
              + type.getSimpleName()
              + "; measure that part again");
    }
    return type.cast(value);
  }
}

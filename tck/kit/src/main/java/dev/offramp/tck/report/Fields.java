package dev.offramp.tck.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Typed access to an object that was read from JSON. What is missing is empty. */
public final class Fields {
  private final Map<?, ?> map;

  public Fields(Map<?, ?> map) {
    this.map = map;
  }

  public String text(String key) {
    Object value = map.get(key);
    return value == null ? "" : value.toString();
  }

  public long number(String key) {
    return map.get(key) instanceof Number number ? number.longValue() : 0;
  }

  public boolean bool(String key) {
    return Boolean.TRUE.equals(map.get(key));
  }

  public Fields map(String key) {
    return new Fields(map.get(key) instanceof Map<?, ?> inner ? inner : Map.of());
  }

  /** All of it, as a map of its own. */
  public Map<String, Object> copyAll() {
    Map<String, Object> copy = new java.util.LinkedHashMap<>();
    map.forEach((k, v) -> copy.put(String.valueOf(k), v));
    return copy;
  }

  /** An object, as a map of its own. */
  public Map<String, Object> copyOf(String key) {
    Map<String, Object> copy = new java.util.LinkedHashMap<>();
    if (map.get(key) instanceof Map<?, ?> inner) {
      inner.forEach((k, v) -> copy.put(String.valueOf(k), v));
    }
    return copy;
  }

  public Set<String> keys() {
    Set<String> keys = new java.util.LinkedHashSet<>();
    map.keySet().forEach(key -> keys.add(String.valueOf(key)));
    return keys;
  }

  public List<String> strings(String key) {
    List<String> strings = new ArrayList<>();
    if (map.get(key) instanceof List<?> list) {
      list.forEach(item -> strings.add(String.valueOf(item)));
    }
    return strings;
  }

  /** A list of objects. */
  public List<Map<String, Object>> maps(String key) {
    List<Map<String, Object>> maps = new ArrayList<>();
    if (map.get(key) instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof Map<?, ?> inner) {
          Map<String, Object> copy = new java.util.LinkedHashMap<>();
          inner.forEach((k, v) -> copy.put(String.valueOf(k), v));
          maps.add(copy);
        }
      }
    }
    return maps;
  }

  /** A list of lists. */
  public List<List<?>> lists(String key) {
    List<List<?>> lists = new ArrayList<>();
    if (map.get(key) instanceof List<?> list) {
      for (Object item : list) {
        if (item instanceof List<?> inner) {
          lists.add(inner);
        }
      }
    }
    return lists;
  }
}

package dev.offramp.tck.bench;

import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The user's settings; remembers which keys a driver asked for. */
final class RecordedSettings extends AbstractMap<String, String> {
  private final Map<String, String> settings;
  private final Set<String> asked = new TreeSet<>();
  private final Trace trace;

  RecordedSettings(Map<String, String> settings, Trace trace) {
    this.settings = new TreeMap<>(settings);
    this.trace = trace;
  }

  /** Keys that were looked up one by one. */
  Set<String> asked() {
    return asked;
  }

  @Override
  public @Nullable String get(Object key) {
    note(key);
    return settings.get(key);
  }

  @Override
  public @Nullable String getOrDefault(Object key, @Nullable String other) {
    note(key);
    String value = settings.get(key);
    return value == null ? other : value;
  }

  @Override
  public boolean containsKey(Object key) {
    note(key);
    return settings.containsKey(key);
  }

  @Override
  public Set<Entry<String, String>> entrySet() {
    return java.util.Collections.unmodifiableMap(settings).entrySet();
  }

  private void note(Object key) {
    if (asked.add(String.valueOf(key))) {
      trace.add(TraceEvent.Kind.SETTING, String.valueOf(key), "");
    }
  }
}

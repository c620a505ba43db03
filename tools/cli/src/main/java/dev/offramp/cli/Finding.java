package dev.offramp.cli;

import dev.offramp.linux.Probe;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One thing that the doctor looked at.
 *
 * @param name what it is
 * @param level how serious it is
 * @param seen what was found
 * @param fix what to do about it; empty when nothing
 */
record Finding(String name, Level level, String seen, String fix) {
  /** How serious a finding is. */
  enum Level {
    /** As it should be. */
    OK,
    /** Fine in general, and in the way of some RNICs. */
    NOTE,
    /** Something does not work. */
    MISSING
  }

  static Finding of(Probe probe) {
    return probe.usable()
        ? new Finding(probe.name(), Level.OK, "usable", "")
        : new Finding(probe.name(), Level.MISSING, probe.cause(), probe.remedy());
  }

  static Finding of(String name, boolean good, Level otherwise, String seen, String fix) {
    return new Finding(name, good ? Level.OK : otherwise, seen, good ? "" : fix);
  }

  String levelName() {
    return level.name().toLowerCase(Locale.ROOT);
  }

  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("level", levelName());
    map.put("seen", seen);
    map.put("fix", fix);
    return map;
  }
}

package dev.offramp.benchmarks;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** Options of the form {@code --name value}, all numbers, each with a default. */
public final class Options {
  private final Map<String, Integer> values;

  private Options(Map<String, Integer> values) {
    this.values = values;
  }

  /** Parses; prints what there is and exits when asked for help or given something unknown. */
  public static Options of(String benchmark, String[] args, Map<String, Integer> defaults) {
    Map<String, Integer> values = new HashMap<>(defaults);
    for (int i = 0; i < args.length; i += 2) {
      String name = args[i].startsWith("--") ? args[i].substring(2) : args[i];
      if (!defaults.containsKey(name) || i + 1 == args.length) {
        System.err.println(benchmark + ": options and defaults: " + new TreeMap<>(defaults));
        System.exit(args[i].equals("--help") ? 0 : 64);
      }
      values.put(name, Integer.parseInt(args[i + 1]));
    }
    return new Options(values);
  }

  public int get(String name) {
    Integer value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("no option " + name);
    }
    return value;
  }
}

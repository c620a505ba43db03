package dev.offramp.benchmarks.suite;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the command line asked for.
 *
 * @param help how it is used
 * @param only the parts to measure, all when nothing was said
 * @param part measure this one here, in this JVM; empty for the process that starts the others
 * @param gatherOnly measure nothing; make the tables from what was found before
 * @param strict a missed target is an exit status
 * @param document a file in which to replace the table, null for none
 * @param json a file that gets all figures, too; null for none
 * @param results where the files go
 */
record SuiteOptions(
    boolean help,
    Effort effort,
    List<String> only,
    String part,
    boolean gatherOnly,
    boolean strict,
    @Nullable Path document,
    @Nullable Path json,
    Path results) {

  /**
   * Parses.
   *
   * @throws IllegalArgumentException with a message for the user
   */
  static SuiteOptions parse(String[] args, Collection<String> parts) {
    boolean help = false;
    boolean quick = false;
    int rounds = Effort.ROUNDS;
    List<Integer> connections = List.of();
    List<String> only = List.copyOf(parts);
    String part = "";
    boolean gatherOnly = false;
    boolean strict = false;
    Path document = null;
    Path json = null;
    Path results = Path.of("benchmarks", "target");
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--help", "-h" -> help = true;
        case "--quick" -> quick = true;
        case "--strict" -> strict = true;
        case "--gather" -> gatherOnly = true;
        case "--rounds" -> rounds = positive(args[i], value(args, ++i));
        case "--connections" -> connections = ascending(args[i], value(args, ++i));
        case "--only" -> only = known(Arrays.asList(value(args, ++i).split(",")), parts);
        case "--part" -> part = known(List.of(value(args, ++i)), parts).getFirst();
        case "--document" -> document = Path.of(value(args, ++i));
        case "--json" -> json = Path.of(value(args, ++i));
        case "--results" -> results = Path.of(value(args, ++i));
        default -> throw new IllegalArgumentException("option [" + args[i] + "] is not known");
      }
    }
    Effort effort =
        new Effort(quick, rounds, connections.isEmpty() ? Effort.connections(quick) : connections);
    return new SuiteOptions(help, effort, only, part, gatherOnly, strict, document, json, results);
  }

  private static String value(String[] args, int index) {
    if (index >= args.length) {
      throw new IllegalArgumentException("option [" + args[index - 1] + "] needs a value");
    }
    return args[index];
  }

  private static int positive(String option, String text) {
    try {
      int value = Integer.parseInt(text);
      if (value > 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below.
    }
    throw new IllegalArgumentException(
        "option [" + option + "]: seen [" + text + "], expected a positive number");
  }

  /** Two or more: an idle connection's memory is measured between the last two. */
  private static List<Integer> ascending(String option, String text) {
    List<Integer> numbers = new ArrayList<>();
    for (String number : text.split(",", -1)) {
      numbers.add(positive(option, number));
    }
    for (int i = 1; i < numbers.size(); i++) {
      if (numbers.get(i) <= numbers.get(i - 1)) {
        numbers.clear();
      }
    }
    if (numbers.size() < 2) {
      throw new IllegalArgumentException(
          "option ["
              + option
              + "]: seen ["
              + text
              + "], expected two or more numbers, each above the one before");
    }
    return numbers;
  }

  private static List<String> known(List<String> names, Collection<String> parts) {
    for (String name : names) {
      if (!parts.contains(name)) {
        throw new IllegalArgumentException("part [" + name + "] is not known");
      }
    }
    return List.copyOf(names);
  }

  /** Arguments for the JVM that measures one part. */
  List<String> forPart(String name) {
    List<String> arguments = new ArrayList<>(List.of("--part", name));
    arguments.addAll(List.of("--rounds", Integer.toString(effort.rounds())));
    arguments.addAll(List.of("--results", results.toString()));
    arguments.addAll(List.of("--connections", joined(effort.connections())));
    if (effort.quick()) {
      arguments.add("--quick");
    }
    return arguments;
  }

  private static String joined(List<Integer> numbers) {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
  }

  static String usage(String suite, Collection<String> parts) {
    return """
    Usage: benchmarks/run %s [options]

      --only PART,...   some parts only; there are: %s
      --rounds N        how often each side takes its turn (default %d)
      --connections N,M,...  how many connections, ascending (default %s)
      --quick           only to show that everything runs: the figures mean nothing
      --strict          exit status 1 when a target is missed
      --gather          measure nothing; make the tables again from the parts' files
      --json FILE       write all figures to FILE, too
      --document FILE   put the table between this suite's marks in a file
    """
        .formatted(
            suite, String.join(", ", parts), Effort.ROUNDS, joined(Effort.connections(false)));
  }
}

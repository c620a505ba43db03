package dev.offramp.tck.cli;

import dev.offramp.tck.report.Report;
import dev.offramp.tck.report.Reports;
import dev.offramp.tck.report.VerdictText;
import dev.offramp.tck.rule.RuleCatalogue;
import dev.offramp.tck.run.Tck;
import dev.offramp.tck.run.TckOptions;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code run PLUGIN.jar}. */
final class RunCommand implements Subcommand {
  private static final Pattern RANGE = Pattern.compile("(-?\\d+)\\.\\.(-?\\d+)");
  private static final Pattern SHARD = Pattern.compile("(\\d{1,9})/(\\d{1,9})");
  private static final int MAX_SEEDS = 100_000;
  private static final String DEFAULT_DIRECTORY = "tck-report";

  @Override
  public String name() {
    return "run";
  }

  @Override
  public String synopsis() {
    return "PLUGIN.jar";
  }

  @Override
  public String description() {
    return "Judges the driver in PLUGIN.jar, and writes the reports.";
  }

  @Override
  public List<Option> options() {
    return List.of(
        new Option("--rule", "ID", "judge only this rule; several times, or with commas"),
        new Option("--seed", "N", "draw numbers from N (default 1); several times, or as 1..8"),
        new Option("--report-dir", "DIR", "where reports go (default tck-report)"),
        new Option("--strict", "", "a broken SHOULD counts like a broken MUST"),
        new Option("--known-issues", "FILE", "rules that are known to be broken, or excluded"),
        new Option("--shard", "I/N", "do the I-th of N parts of the work; join with merge"),
        new Option("--model", "MODEL.jar", "a model of the driver's devices; several times"),
        new Option("--library", "LIB.jar", "what the driver's module requires; several times"),
        new Option("--hang-seconds", "N", "how long a call may do nothing (default 20)"));
  }

  @Override
  public int run(Arguments arguments, PrintWriter out, PrintWriter err)
      throws UsageException, IOException {
    Path plugin = Path.of(arguments.positional("one jar with a driver", 1, 1).get(0));
    Path directory = Path.of(arguments.one("--report-dir").orElse(DEFAULT_DIRECTORY));
    TckOptions options =
        TckOptions.of(plugin, directory.resolve("work"))
            .withLibraries(paths(arguments.all("--library")))
            .withModels(paths(arguments.all("--model")))
            .withRules(rules(arguments.all("--rule")))
            .withStrict(arguments.has("--strict"))
            .withKnownIssues(arguments.one("--known-issues").map(Path::of));
    if (arguments.has("--seed")) {
      options = options.withSeeds(seeds(arguments.all("--seed")));
    }
    if (arguments.has("--shard")) {
      options = shard(options, arguments.one("--shard").orElseThrow());
    }
    if (arguments.has("--hang-seconds")) {
      options = options.withHangSeconds(seconds(arguments.one("--hang-seconds").orElseThrow()));
    }
    requireReadable(options);
    Report report = Tck.run(options, line -> err.println(line));
    Reports.write(report, directory);
    out.print(VerdictText.of(report));
    out.printf("%nreports in %s%n", directory);
    return report.isGood() ? TckCommand.OK : TckCommand.FAILED;
  }

  private static List<Path> paths(List<String> names) {
    return names.stream().map(Path::of).toList();
  }

  private static void requireReadable(TckOptions options) throws IOException {
    List<Path> all = new ArrayList<>(List.of(options.plugin()));
    all.addAll(options.libraries());
    all.addAll(options.models());
    for (Path path : all) {
      if (!Files.isReadable(path)) {
        throw new IOException(
            "[%s] does not exist or cannot be read; expected a jar".formatted(path));
      }
    }
  }

  private static Set<String> rules(List<String> values) throws UsageException {
    Set<String> rules = new TreeSet<>();
    for (String value : values) {
      for (String id : value.split(",", -1)) {
        try {
          rules.add(RuleCatalogue.find(id.strip()).id());
        } catch (IllegalArgumentException e) {
          throw new UsageException("expected the id of a rule: " + e.getMessage(), e);
        }
      }
    }
    return rules;
  }

  private static List<Long> seeds(List<String> values) throws UsageException {
    Set<Long> seeds = new TreeSet<>();
    for (String value : values) {
      for (String part : value.split(",", -1)) {
        Matcher range = RANGE.matcher(part);
        if (!range.matches()) {
          seeds.add(Arguments.number("--seed", part));
          continue;
        }
        long from = Arguments.number("--seed", range.group(1));
        long to = Arguments.number("--seed", range.group(2));
        if (from > to || to - from < 0 || to - from >= MAX_SEEDS) {
          throw new UsageException(
              "option [--seed]: seen [%s], expected FROM..TO with at most %d seeds"
                  .formatted(part, MAX_SEEDS));
        }
        for (long seed = from; seed <= to; seed++) {
          seeds.add(seed);
        }
      }
    }
    return List.copyOf(seeds);
  }

  private static TckOptions shard(TckOptions options, String text) throws UsageException {
    Matcher shard = SHARD.matcher(text);
    if (!shard.matches()) {
      throw new UsageException("option [--shard]: seen [%s], expected I/N".formatted(text));
    }
    try {
      return options.withShard(Integer.parseInt(shard.group(1)), Integer.parseInt(shard.group(2)));
    } catch (IllegalArgumentException e) {
      throw new UsageException("option [--shard]: " + e.getMessage(), e);
    }
  }

  private static int seconds(String text) throws UsageException {
    long seconds = Arguments.number("--hang-seconds", text);
    if (seconds < 1 || seconds > Integer.MAX_VALUE) {
      throw new UsageException(
          "option [--hang-seconds]: seen [%s], expected 1 or more".formatted(text));
    }
    return (int) seconds;
  }
}

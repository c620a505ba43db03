package dev.offramp.benchmarks.suite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs parts, each in a JVM of its own so that no part's compiled code depends on another's, and
 * gathers what they found. Files are written under the directory of results: one for each part, one
 * for all, and the table.
 */
public final class Suite {
  private static final int OK = 0;
  private static final int MISSED = 1;
  private static final int USAGE = 64;
  private static final int FAILED = 70;

  private final String name;
  private final List<Part> parts;
  private final List<String> names;

  public Suite(String name, List<Part> parts) {
    this.name = name;
    this.parts = List.copyOf(parts);
    this.names = parts.stream().map(Part::name).toList();
  }

  /** Returns the exit status. */
  public int run(String mainClass, String[] args) throws Exception {
    SuiteOptions options;
    try {
      options = SuiteOptions.parse(args, names);
    } catch (IllegalArgumentException e) {
      System.err.println(e.getMessage());
      System.err.println(SuiteOptions.usage(name, names));
      return USAGE;
    }
    if (options.help()) {
      System.out.println(SuiteOptions.usage(name, names));
      return OK;
    }
    if (!options.part().isEmpty()) {
      measure(part(options.part()), options);
      return OK;
    }
    boolean failed = false;
    for (String each : options.gatherOnly() ? List.<String>of() : options.only()) {
      failed |=
          !ChildJvm.run(mainClass, options.forPart(each), part(each).jvmOptions(options.effort()));
    }
    List<PartReport> found = gather(options.results());
    String table = Tables.markdown(found);
    Path json = options.results().resolve(name + ".json");
    Path markdown = options.results().resolve(name + ".md");
    PartReport.writeAll(json, name, found);
    if (options.json() != null) {
      PartReport.writeAll(options.json(), name, found);
    }
    Files.writeString(markdown, table);
    if (options.document() != null) {
      MarkedText.replace(options.document(), name, table);
    }
    System.out.println("All figures: " + json + " and " + markdown);
    if (failed) {
      return FAILED;
    }
    return options.strict() && isMissed(found, options.only()) ? MISSED : OK;
  }

  private Part part(String name) {
    return parts.stream().filter(part -> part.name().equals(name)).findFirst().orElseThrow();
  }

  private void measure(Part part, SuiteOptions options) throws Exception {
    Map<String, Object> facts = Facts.gather();
    long begin = System.nanoTime();
    List<Figure> figures = part.measure(options.effort());
    facts.put("seconds", (System.nanoTime() - begin) / 1_000_000_000);
    facts.put("loadAverageAtEnd", Facts.loadAverage());
    PartReport report = new PartReport(part.name(), options.effort().quick(), facts, figures);
    report.write(file(options.results(), part.name()));
    System.out.println("== " + part.name() + ". " + Tables.measuredOn(report));
    System.out.println(Tables.text(report));
    Tables.notes(report).forEach(note -> System.out.println("* " + note));
    System.out.println();
  }

  private List<PartReport> gather(Path results) throws IOException {
    List<PartReport> found = new ArrayList<>();
    for (String part : names) {
      if (Files.exists(file(results, part))) {
        found.add(PartReport.read(file(results, part)));
      }
    }
    return found;
  }

  private Path file(Path results, String part) {
    return results.resolve(name).resolve(part + ".json");
  }

  private static boolean isMissed(List<PartReport> found, List<String> only) {
    return found.stream()
        .filter(report -> only.contains(report.part()))
        .flatMap(report -> report.figures().stream())
        .anyMatch(figure -> figure.verdict() == Figure.Verdict.MISSED);
  }
}

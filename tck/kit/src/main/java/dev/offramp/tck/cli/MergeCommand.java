package dev.offramp.tck.cli;

import dev.offramp.tck.report.Merge;
import dev.offramp.tck.report.Report;
import dev.offramp.tck.report.Reports;
import dev.offramp.tck.report.VerdictText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code merge DIR...}. */
final class MergeCommand implements Subcommand {
  private static final String DEFAULT_DIRECTORY = "tck-report";

  @Override
  public String name() {
    return "merge";
  }

  @Override
  public String synopsis() {
    return "DIR...";
  }

  @Override
  public String description() {
    return "Joins the reports of all shards into what one run gives.";
  }

  @Override
  public List<Option> options() {
    return List.of(new Option("--report-dir", "DIR", "where reports go (default tck-report)"));
  }

  @Override
  public int run(Arguments arguments, PrintWriter out, PrintWriter err)
      throws UsageException, IOException {
    List<Report> shards = new ArrayList<>();
    for (String name :
        arguments.positional("the directories of all shards", 1, Integer.MAX_VALUE)) {
      shards.add(Reports.read(Path.of(name)));
    }
    Path directory = Path.of(arguments.one("--report-dir").orElse(DEFAULT_DIRECTORY));
    Report report = Merge.of(shards);
    Reports.write(report, directory);
    out.print(VerdictText.of(report));
    out.printf("%nreports in %s%n", directory);
    return report.isGood() ? TckCommand.OK : TckCommand.FAILED;
  }
}

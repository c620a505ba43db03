package dev.offramp.tck.cli;

import dev.offramp.tck.report.ReportDiff;
import dev.offramp.tck.report.Reports;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;

/** {@code diff OLD.json NEW.json}. */
final class DiffCommand implements Subcommand {
  @Override
  public String name() {
    return "diff";
  }

  @Override
  public String synopsis() {
    return "OLD.json NEW.json";
  }

  @Override
  public String description() {
    return "Says in what two reports differ, durations aside.";
  }

  @Override
  public List<Option> options() {
    return List.of();
  }

  @Override
  public int run(Arguments arguments, PrintWriter out, PrintWriter err)
      throws UsageException, IOException {
    List<String> files = arguments.positional("two files, or their directories", 2, 2);
    ReportDiff diff =
        ReportDiff.of(Reports.read(Path.of(files.get(0))), Reports.read(Path.of(files.get(1))));
    diff.lines().forEach(out::println);
    return diff.isEmpty() ? TckCommand.OK : TckCommand.FAILED;
  }
}

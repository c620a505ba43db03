package dev.offramp.tck.run;

import dev.offramp.tck.report.Report;
import java.io.IOException;
import java.nio.file.Path;

/** The kit's own command, for the launcher: {@code run PLUGIN.jar [options]} and friends. */
public final class Main {
  private Main() {}

  /** Judges a jar, and ends with what follows from it. */
  public static void main(String[] args) throws IOException {
    Path directory = Path.of("tck-report");
    Report report =
        Tck.run(TckOptions.of(Path.of(args[0]), directory.resolve("work")), System.err::println);
    Tck.write(report, directory);
    System.out.print(dev.offramp.tck.report.VerdictText.of(report));
  }
}

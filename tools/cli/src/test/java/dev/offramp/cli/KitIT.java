package dev.offramp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.offramp.tck.cli.TckCommand;
import dev.offramp.tck.report.Report;
import dev.offramp.tck.report.ReportDiff;
import dev.offramp.tck.report.Reports;
import dev.offramp.tck.report.Verdict;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kit on softiwarp's jar, as a vendor's QA would run it: the same thing each time. */
final class KitIT {
  private static final int RUNS = 3;
  private static final int SHARDS = 4;

  @TempDir private Path directory;

  @Test
  void theSameJarGivesTheSameReportAlsoInShards() throws IOException {
    Report first = run("run1");
    assertThat(first.outcomes()).filteredOn(outcome -> outcome.verdict() == Verdict.FAIL).isEmpty();
    assertThat(first.results().stream().map(result -> result.stage()).distinct())
        .containsExactlyInAnyOrder("SCAN", "CONTRACT", "MEDIATION", "WIRE");
    for (int i = 2; i <= RUNS; i++) {
      requireSame(first, run("run" + i));
    }
    List<String> merge = new ArrayList<>(List.of("merge"));
    for (int shard = 1; shard <= SHARDS; shard++) {
      run("shard" + shard, "--shard", shard + "/" + SHARDS);
      merge.add(directory.resolve("shard" + shard).toString());
    }
    merge.add("--report-dir=" + directory.resolve("merged"));
    assertThat(execute(merge)).isEqualTo(first.isGood() ? TckCommand.OK : TckCommand.FAILED);
    requireSame(first, Reports.read(directory.resolve("merged")));
  }

  private static void requireSame(Report expected, Report seen) {
    assertThat(ReportDiff.of(expected, seen).lines())
        .containsExactly("no difference, durations aside");
  }

  private Report run(String name, String... options) throws IOException {
    List<String> words = new ArrayList<>(List.of("run", jar().toString()));
    words.add("--report-dir=" + directory.resolve(name));
    words.addAll(List.of(options));
    assertThat(execute(words)).as(name).isLessThanOrEqualTo(TckCommand.FAILED);
    return Reports.read(directory.resolve(name));
  }

  private static int execute(List<String> words) {
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int code = TckCommand.execute("offramp tck", words, out, out);
    assertThat(code).as(said.toString()).isNotEqualTo(TckCommand.USAGE);
    return code;
  }

  private static Path jar() throws IOException {
    Path lib = Path.of(System.getProperty("basedir", "."), "target", "app", "lib");
    try (Stream<Path> files = Files.list(lib)) {
      return files
          .filter(file -> file.getFileName().toString().contains("provider-softiwarp"))
          .findFirst()
          .orElseThrow(() -> new IOException(lib + ": no softiwarp; run this in phase verify"));
    }
  }
}

package dev.offramp.tck.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportsTest {
  @TempDir private Path directory;

  @Test
  void whatIsWrittenIsReadAndWhatIsClearedIsGone() throws IOException {
    Report report = SampleReports.shard(1, 1, SampleReports.passing());
    Reports.write(report, directory);
    assertThat(Reports.read(directory).comparable()).isEqualTo(report.comparable());
    Path other = Files.writeString(directory.resolve("notes.txt"), "somebody else's");
    Reports.clear(directory);
    assertThatThrownBy(() -> Reports.read(directory))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("report.json");
    try (Stream<Path> left = Files.list(directory)) {
      assertThat(left).containsExactly(other);
    }
    Reports.clear(directory.resolve("nowhere"));
  }
}

package dev.offramp.benchmarks.posting;

import dev.offramp.benchmarks.suite.QuickRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostingSuiteIT {
  @TempDir Path results;

  @Test
  void aQuickRunMeasuresEverything() throws Exception {
    QuickRun.of("posting", List.of("posting"), results);
  }
}

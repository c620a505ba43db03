package dev.offramp.benchmarks.softiwarp;

import dev.offramp.benchmarks.suite.QuickRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoftiwarpSuiteIT {
  private static final List<String> PARTS =
      List.of("goodput", "ping-pong", "messages", "allocation", "copies", "connections");

  @TempDir Path results;

  @Test
  void aQuickRunMeasuresEverything() throws Exception {
    QuickRun.of("softiwarp", PARTS, results);
  }
}

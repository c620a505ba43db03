package dev.offramp.benchmarks;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run found, as JSON under {@code benchmarks/target}, with what it was measured on. */
public final class Report {
  private final Map<String, Object> root = new LinkedHashMap<>();
  private final List<Object> rows = new ArrayList<>();
  private final double loadAtStart = load();

  public Report(String benchmark) {
    root.put("benchmark", benchmark);
    root.put("started", Instant.now().toString());
    root.put("java", Runtime.version().toString());
    root.put("kernel", System.getProperty("os.version"));
    root.put("processors", Runtime.getRuntime().availableProcessors());
    root.put("loadAverageAtStart", loadAtStart);
    root.put("rows", rows);
  }

  public void row(Map<String, Object> row) {
    rows.add(row);
  }

  /** Writes {@code benchmarks/target/NAME.json}, and says so. */
  public void write(String name) throws IOException {
    double loadAtEnd = load();
    root.put("loadAverageAtEnd", loadAtEnd);
    Path file = Path.of("benchmarks", "target", name + ".json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT).asString(root));
    System.out.printf(
        "%nload average %.2f at start, %.2f at end, %d processors; all figures in %s%n",
        loadAtStart, loadAtEnd, Runtime.getRuntime().availableProcessors(), file);
  }

  private static double load() {
    return Math.round(ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage() * 100)
        / 100.0;
  }
}

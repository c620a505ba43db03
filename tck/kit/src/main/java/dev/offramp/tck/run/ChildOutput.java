package dev.offramp.tck.run;

import dev.offramp.tck.report.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/** One JSON object on each line, written at once. Safe for use by several threads. */
final class ChildOutput {
  private final Path path;

  ChildOutput(Path path) {
    this.path = path;
  }

  void line(String key, String value) {
    object(key, value);
  }

  synchronized void object(String key, Object value) {
    try {
      Files.write(
          path,
          (Json.line(Map.of(key, value)) + "\n").getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

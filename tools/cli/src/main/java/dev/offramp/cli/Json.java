package dev.offramp.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** JSON for {@code --json}: one object on standard output, and nothing else there. */
final class Json {
  private static final JSON PRETTY = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

  private Json() {}

  static String pretty(Map<String, ?> object) {
    try {
      return PRETTY.asString(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** On one line, for processes that talk to each other. */
  static String line(Map<String, ?> object) {
    try {
      return JSON.std.asString(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Map<String, Object> parse(String line) throws IOException {
    return JSON.std.mapFrom(line);
  }
}

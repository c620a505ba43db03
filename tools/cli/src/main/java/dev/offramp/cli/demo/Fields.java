package dev.offramp.cli.demo;

import java.io.IOException;
import java.util.Map;

/** Typed look-ups in an event that came as JSON. */
public final class Fields {
  private Fields() {}

  /** A number that must be there. */
  public static long number(Map<String, Object> event, String name) throws IOException {
    if (event.get(name) instanceof Number number) {
      return number.longValue();
    }
    throw new IOException("an event without the number [" + name + "]: " + event);
  }

  static String text(Map<String, Object> event, String name) throws IOException {
    if (event.get(name) instanceof String text) {
      return text;
    }
    throw new IOException("an event without the text [" + name + "]: " + event);
  }
}

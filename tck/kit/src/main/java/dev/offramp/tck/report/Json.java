package dev.offramp.tck.report;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON out of maps, lists, strings, numbers and booleans (RFC 8259). Of the kit's own, so that it
 * needs nothing but a JDK. Keys stand in the order of their maps.
 */
public final class Json {
  private static final int SHORT_LINE = 96;

  private Json() {}

  /** On one line. */
  public static String line(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    write(out, value);
    return out.toString();
  }

  /** For people; what is short stays on one line. */
  public static String pretty(@Nullable Object value) {
    StringBuilder out = new StringBuilder();
    pretty(out, value, "");
    return out.append('\n').toString();
  }

  private static void pretty(StringBuilder out, @Nullable Object value, String indent) {
    String line = line(value);
    boolean scalar = !(value instanceof Map<?, ?>) && !(value instanceof List<?>);
    if (scalar || line.length() + indent.length() <= SHORT_LINE) {
      out.append(line);
      return;
    }
    String deeper = indent + "  ";
    if (value instanceof Map<?, ?> map) {
      out.append('{');
      String separator = "\n";
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.append(separator).append(deeper);
        string(out, String.valueOf(entry.getKey()));
        out.append(": ");
        pretty(out, entry.getValue(), deeper);
        separator = ",\n";
      }
      out.append('\n').append(indent).append('}');
    } else if (value instanceof List<?> list) {
      out.append('[');
      String separator = "\n";
      for (Object item : list) {
        out.append(separator).append(deeper);
        pretty(out, item, deeper);
        separator = ",\n";
      }
      out.append('\n').append(indent).append(']');
    }
  }

  private static void write(StringBuilder out, @Nullable Object value) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> {
        out.append('{');
        String separator = "";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          string(out, String.valueOf(entry.getKey()));
          out.append(": ");
          write(out, entry.getValue());
          separator = ", ";
        }
        out.append('}');
      }
      case Iterable<?> items -> {
        out.append('[');
        String separator = "";
        for (Object item : items) {
          out.append(separator);
          write(out, item);
          separator = ", ";
        }
        out.append(']');
      }
      case Number number -> out.append(number);
      case Boolean bool -> out.append(bool);
      default -> string(out, value.toString());
    }
  }

  private static void string(StringBuilder out, String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || Character.isSurrogate(c)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}

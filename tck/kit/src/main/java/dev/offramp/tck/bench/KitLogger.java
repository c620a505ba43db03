package dev.offramp.tck.bench;

import dev.offramp.tck.trace.Trace;
import dev.offramp.tck.trace.TraceEvent;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/** Keeps what a driver logs. */
final class KitLogger implements System.Logger {
  private final Trace trace;
  private final List<String> lines = new ArrayList<>();

  KitLogger(Trace trace) {
    this.trace = trace;
  }

  synchronized List<String> lines() {
    return List.copyOf(lines);
  }

  @Override
  public String getName() {
    return "driver";
  }

  @Override
  public boolean isLoggable(Level level) {
    return level != Level.ALL && level != Level.OFF;
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    keep(level, message + (thrown == null ? "" : " " + thrown));
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object @Nullable ... parameters) {
    String text = String.valueOf(format);
    if (parameters != null && parameters.length > 0) {
      try {
        text = MessageFormat.format(text, parameters);
      } catch (IllegalArgumentException e) {
        text = text + " " + List.of(parameters);
      }
    }
    keep(level, text);
  }

  private synchronized void keep(Level level, String text) {
    lines.add(text);
    trace.add(TraceEvent.Kind.LOG, level.name(), text);
  }
}

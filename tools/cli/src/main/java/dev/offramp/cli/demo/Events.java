package dev.offramp.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a party of the demonstration has to say, as maps that can travel as JSON. */
public final class Events {
  static final String KIND = "event";

  /** Who gets the events. */
  @FunctionalInterface
  public interface Sink {
    void accept(Map<String, Object> event) throws IOException;
  }

  private final Sink sink;

  public Events(Sink sink) {
    this.sink = sink;
  }

  synchronized void emit(String kind, Map<String, ?> fields) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put(KIND, kind);
    event.putAll(fields);
    try {
      sink.accept(event);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void transferred(Transferred transferred) {
    emit("transferred", transferred.toMap());
  }

  void owner(String name) {
    emit("owner", Map.of("owner", name));
  }

  void step(String step, String owner, long nanos) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", step);
    fields.put("owner", owner);
    fields.put("micros", nanos / 1000.0);
    emit("step", fields);
  }
}

package dev.offramp.cli.demo;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** What a party tells the process that started it: one JSON object a line, on standard output. */
public final class Events {
  static final String KIND = "event";

  private final PrintStream out;
  private final Function<Map<String, ?>, String> json;

  /**
   * Events to a stream.
   *
   * @param json writes an object on one line
   */
  public Events(PrintStream out, Function<Map<String, ?>, String> json) {
    this.out = out;
    this.json = json;
  }

  synchronized void emit(String kind, Map<String, ?> fields) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put(KIND, kind);
    event.putAll(fields);
    out.println(json.apply(event));
    out.flush();
  }

  void transferred(Transferred transferred) {
    emit("transferred", transferred.toMap());
  }

  void owner(String name) {
    emit("owner", Map.of("owner", name));
  }

  void step(String connection, String step, String owner, long nanos) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("connection", connection);
    fields.put("step", step);
    fields.put("owner", owner);
    fields.put("micros", nanos / 1000.0);
    emit("step", fields);
  }
}

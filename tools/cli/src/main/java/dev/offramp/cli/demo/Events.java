package dev.offramp.cli.demo;

import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.TrafficCounters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

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

  void counters(RdmaCounters counters) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("sent", fields(counters.sent()));
    fields.put("received", fields(counters.received()));
    fields.put("crc_errors", counters.crcErrors());
    fields.put("terminates_sent", counters.terminatesSent());
    fields.put("terminates_received", counters.terminatesReceived());
    fields.put("completion_stalls", counters.completionStalls());
    fields.put("read_calls", counters.readCalls());
    fields.put("write_calls", counters.writeCalls());
    emit("counters", fields);
  }

  private static Map<String, Object> fields(TrafficCounters traffic) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("fpdus", traffic.fpdus());
    fields.put("stream_bytes", traffic.streamBytes());
    Map<String, Object> messages = new LinkedHashMap<>();
    Map<String, Object> payload = new LinkedHashMap<>();
    for (MessageKind kind : new TreeSet<>(traffic.messages().keySet())) {
      messages.put(name(kind), traffic.messages(kind));
      payload.put(name(kind), traffic.payloadBytes(kind));
    }
    fields.put("messages", messages);
    fields.put("payload_bytes", payload);
    return fields;
  }

  private static String name(MessageKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  void step(String step, String owner, long nanos) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("step", step);
    fields.put("owner", owner);
    fields.put("micros", nanos / 1000.0);
    emit("step", fields);
  }
}

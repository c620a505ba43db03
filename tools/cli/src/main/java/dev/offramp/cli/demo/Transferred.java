package dev.offramp.cli.demo;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What one party saw of one transfer of bytes.
 *
 * @param name what it was: {@code plain}, {@code write}
 * @param sentBytes bytes that this party sent, or had the peer read
 * @param sentDigest their SHA-256
 * @param receivedBytes bytes that this party received
 * @param receivedDigest their SHA-256
 * @param nanos how long it took
 */
public record Transferred(
    String name,
    long sentBytes,
    String sentDigest,
    long receivedBytes,
    String receivedDigest,
    long nanos) {
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", name);
    map.put("sent_bytes", sentBytes);
    map.put("sent_sha256", sentDigest);
    map.put("received_bytes", receivedBytes);
    map.put("received_sha256", receivedDigest);
    map.put("micros", nanos / 1000);
    return map;
  }

  static Transferred of(Map<String, Object> event) throws IOException {
    return new Transferred(
        Fields.text(event, "name"),
        Fields.number(event, "sent_bytes"),
        Fields.text(event, "sent_sha256"),
        Fields.number(event, "received_bytes"),
        Fields.text(event, "received_sha256"),
        Fields.number(event, "micros") * 1000);
  }
}

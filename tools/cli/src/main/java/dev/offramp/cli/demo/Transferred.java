package dev.offramp.cli.demo;

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

  static Transferred of(Map<String, Object> map) {
    return new Transferred(
        (String) map.get("name"),
        ((Number) map.get("sent_bytes")).longValue(),
        (String) map.get("sent_sha256"),
        ((Number) map.get("received_bytes")).longValue(),
        (String) map.get("received_sha256"),
        ((Number) map.get("micros")).longValue() * 1000);
  }
}

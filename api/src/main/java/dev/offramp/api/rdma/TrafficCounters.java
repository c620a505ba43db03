package dev.offramp.api.rdma;

import java.util.EnumMap;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * What went over the wire in one direction. All counts begin at zero with the connection and never
 * fall.
 *
 * @param fpdus FPDUs
 * @param streamBytes octets of the TCP stream that they took: payload, headers, pads, CRCs, markers
 * @param messages complete messages of each kind; kinds that never came are not in the map
 * @param payloadBytes what they carried for the ULP, headers not counted, also of messages that are
 *     under way
 */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public record TrafficCounters(
    long fpdus,
    long streamBytes,
    Map<MessageKind, Long> messages,
    Map<MessageKind, Long> payloadBytes) {
  /** Nothing. */
  public static final TrafficCounters ZERO = new TrafficCounters(0, 0, Map.of(), Map.of());

  public TrafficCounters {
    messages = Map.copyOf(withoutZeros(messages));
    payloadBytes = Map.copyOf(withoutZeros(payloadBytes));
  }

  /** Complete messages of one kind. */
  public long messages(MessageKind kind) {
    return messages.getOrDefault(kind, 0L);
  }

  /** What messages of one kind carried. */
  public long payloadBytes(MessageKind kind) {
    return payloadBytes.getOrDefault(kind, 0L);
  }

  /** The sum of both. */
  public TrafficCounters plus(TrafficCounters other) {
    return new TrafficCounters(
        fpdus + other.fpdus,
        streamBytes + other.streamBytes,
        sum(messages, other.messages),
        sum(payloadBytes, other.payloadBytes));
  }

  private static Map<MessageKind, Long> sum(
      Map<MessageKind, Long> one, Map<MessageKind, Long> other) {
    Map<MessageKind, Long> sum = new EnumMap<>(MessageKind.class);
    sum.putAll(one);
    other.forEach((kind, count) -> sum.merge(kind, count, Long::sum));
    return sum;
  }

  private static Map<MessageKind, Long> withoutZeros(Map<MessageKind, Long> map) {
    Map<MessageKind, Long> copy = new EnumMap<>(MessageKind.class);
    map.forEach((kind, count) -> {
      if (count != 0) {
        copy.put(kind, count);
      }
    });
    return copy;
  }
}

package dev.offramp.api.rdma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RdmaCountersTest {
  @Test
  void aSnapshotDoesNotChange() {
    Map<MessageKind, Long> messages = new EnumMap<>(MessageKind.class);
    messages.put(MessageKind.SEND, 2L);
    messages.put(MessageKind.WRITE, 0L);
    TrafficCounters counters = new TrafficCounters(5, 600, messages, messages);
    messages.put(MessageKind.SEND, 3L);
    assertThat(counters.messages()).isEqualTo(Map.of(MessageKind.SEND, 2L));
    assertThat(counters.messages(MessageKind.SEND)).isEqualTo(2);
    assertThat(counters.payloadBytes(MessageKind.WRITE)).isZero();
    assertThatThrownBy(() -> counters.messages().clear())
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void sumsTakeEveryField() {
    TrafficCounters one =
        new TrafficCounters(1, 2, kinds(MessageKind.SEND, 3), kinds(MessageKind.SEND, 4));
    TrafficCounters two =
        new TrafficCounters(
            10, 20, kinds(MessageKind.READ_REQUEST, 30), kinds(MessageKind.SEND, 40));
    RdmaCounters sum =
        new RdmaCounters(one, two, 1, 2, 3, 4, 5, 6)
            .plus(new RdmaCounters(two, one, 10, 20, 30, 40, 50, 60));
    TrafficCounters both =
        new TrafficCounters(
            11,
            22,
            Map.of(MessageKind.SEND, 3L, MessageKind.READ_REQUEST, 30L),
            kinds(MessageKind.SEND, 44));
    assertThat(sum).isEqualTo(new RdmaCounters(both, both, 11, 22, 33, 44, 55, 66));
    assertThat(sum.plus(RdmaCounters.ZERO)).isEqualTo(sum);
  }

  private static Map<MessageKind, Long> kinds(MessageKind kind, long count) {
    return Map.of(kind, count);
  }
}

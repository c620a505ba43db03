package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.TrafficCounters;
import dev.offramp.provider.chelsio.wire.TerminateCode;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What completions tell of a connection's traffic: its own requests, and the peer's Sends. The chip
 * counts neither FPDUs nor the peer's Writes and Reads for one connection. Under the connection's
 * lock; counting allocates nothing.
 */
final class Traffic {
  private static final MessageKind[] KINDS = MessageKind.values();

  private final Side sent = new Side();
  private final Side received = new Side();

  /** One direction. */
  private static final class Side {
    private final EnumMap<MessageKind, long[]> counts = new EnumMap<>(MessageKind.class);

    Side() {
      for (MessageKind kind : KINDS) {
        counts.put(kind, new long[2]);
      }
    }

    void add(MessageKind kind, long bytes) {
      long[] count = counts.get(kind);
      if (count != null) {
        count[0]++;
        count[1] += bytes;
      }
    }

    TrafficCounters counters() {
      Map<MessageKind, Long> messages = new EnumMap<>(MessageKind.class);
      Map<MessageKind, Long> bytes = new EnumMap<>(MessageKind.class);
      counts.forEach((kind, count) -> {
        messages.put(kind, count[0]);
        bytes.put(kind, count[1]);
      });
      return new TrafficCounters(0, 0, messages, bytes);
    }
  }

  void sent(MessageKind kind, long bytes) {
    sent.add(kind, bytes);
  }

  void received(MessageKind kind, long bytes) {
    received.add(kind, bytes);
  }

  /** A snapshot. */
  RdmaCounters counters(@Nullable StreamEnd end, long stalls) {
    boolean locally = end instanceof StreamEnd.TerminatedLocally;
    boolean crc =
        end instanceof StreamEnd.TerminatedLocally local
            && TerminateCode.isCrc(local.terminate().layer(), local.terminate().code());
    return new RdmaCounters(
        sent.counters(),
        received.counters(),
        crc ? 1 : 0,
        locally ? 1 : 0,
        end instanceof StreamEnd.TerminatedByPeer ? 1 : 0,
        stalls,
        0,
        0);
  }
}

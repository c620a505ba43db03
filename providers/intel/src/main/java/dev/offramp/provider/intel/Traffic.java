package dev.offramp.provider.intel;

import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.RdmaCounters;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.TrafficCounters;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a connection did, as far as its completions tell: the messages of this end's own requests,
 * and Sends of the peer's. What the device does by itself, the peer's Writes and Reads and all
 * FPDUs, only the device could count. Under the connection's lock.
 */
final class Traffic {
  private static final int MPA_LAYER = 2;
  private static final int MPA_CRC = 2;

  private long sends;
  private long sendBytes;
  private long writes;
  private long writeBytes;
  private long reads;
  private long readBytes;
  private long receives;
  private long receiveBytes;

  /** A request has completed. */
  void sent(Operation operation, long bytes) {
    switch (operation) {
      case SEND -> {
        sends++;
        sendBytes += bytes;
      }
      case WRITE -> {
        writes++;
        writeBytes += bytes;
      }
      case READ -> {
        reads++;
        readBytes += bytes;
      }
      default -> {
        // Nothing on the wire.
      }
    }
  }

  /** A Receive has completed. */
  void received(long bytes) {
    receives++;
    receiveBytes += bytes;
  }

  /** How many Sends of the peer's there were. */
  long receives() {
    return receives;
  }

  /** Whether nothing of it has been on the wire. */
  boolean isNone() {
    return sends + writes + reads + receives == 0;
  }

  /** A snapshot. */
  RdmaCounters counters(@Nullable StreamEnd end, long stalls) {
    Map<MessageKind, Long> out = new EnumMap<>(MessageKind.class);
    out.put(MessageKind.SEND, sends);
    out.put(MessageKind.WRITE, writes);
    out.put(MessageKind.READ_REQUEST, reads);
    Map<MessageKind, Long> in = new EnumMap<>(MessageKind.class);
    in.put(MessageKind.SEND, receives);
    in.put(MessageKind.READ_RESPONSE, reads);
    boolean crc =
        end instanceof StreamEnd.TerminatedLocally local
            && local.terminate().layer() == MPA_LAYER
            && local.terminate().code() == MPA_CRC;
    return new RdmaCounters(
        new TrafficCounters(
            0, 0, out, Map.of(MessageKind.SEND, sendBytes, MessageKind.WRITE, writeBytes)),
        new TrafficCounters(
            0, 0, in, Map.of(MessageKind.SEND, receiveBytes, MessageKind.READ_RESPONSE, readBytes)),
        crc ? 1 : 0,
        end instanceof StreamEnd.TerminatedLocally ? 1 : 0,
        end instanceof StreamEnd.TerminatedByPeer ? 1 : 0,
        stalls,
        0,
        0);
  }
}

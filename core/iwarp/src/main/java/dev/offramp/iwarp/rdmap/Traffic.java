package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.TrafficCounters;
import java.util.EnumMap;
import java.util.Map;

/** Counts the segments of one direction by opcode, in plain fields under the stream's lock. */
final class Traffic {
  private final long[] messages = new long[Opcode.COUNT];
  private final long[] payloadBytes = new long[Opcode.COUNT];
  private long fpdus;

  /**
   * Counts a valid segment.
   *
   * @param payload the ULP's own bytes: none in requests, atomic responses and Terminates
   */
  void count(int opcode, boolean last, int payload) {
    fpdus++;
    payloadBytes[opcode] += payload;
    if (last) {
      messages[opcode]++;
    }
  }

  /** Takes a whole message of one segment back. */
  void uncount(int opcode, int payload) {
    fpdus--;
    payloadBytes[opcode] -= payload;
    messages[opcode]--;
  }

  /** A copy for people. */
  TrafficCounters snapshot(long streamBytes) {
    Map<MessageKind, Long> messagesByKind = new EnumMap<>(MessageKind.class);
    Map<MessageKind, Long> bytesByKind = new EnumMap<>(MessageKind.class);
    for (int opcode = Opcode.WRITE; opcode <= Opcode.ATOMIC_RESPONSE; opcode++) {
      messagesByKind.merge(kind(opcode), messages[opcode], Long::sum);
      bytesByKind.merge(kind(opcode), payloadBytes[opcode], Long::sum);
    }
    return new TrafficCounters(fpdus, streamBytes, messagesByKind, bytesByKind);
  }

  private static MessageKind kind(int opcode) {
    return switch (opcode) {
      case Opcode.WRITE -> MessageKind.WRITE;
      case Opcode.READ_REQUEST -> MessageKind.READ_REQUEST;
      case Opcode.READ_RESPONSE -> MessageKind.READ_RESPONSE;
      case Opcode.TERMINATE -> MessageKind.TERMINATE;
      case Opcode.IMMEDIATE, Opcode.IMMEDIATE_SE -> MessageKind.IMMEDIATE;
      case Opcode.ATOMIC_REQUEST -> MessageKind.ATOMIC_REQUEST;
      case Opcode.ATOMIC_RESPONSE -> MessageKind.ATOMIC_RESPONSE;
      default -> MessageKind.SEND;
    };
  }
}

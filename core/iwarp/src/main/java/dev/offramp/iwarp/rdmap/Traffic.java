package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.TrafficCounters;
import dev.offramp.iwarp.ddp.DdpControl;
import dev.offramp.iwarp.ddp.TaggedHeader;
import dev.offramp.iwarp.ddp.UntaggedHeader;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.Map;

/** Counts the segments of one direction by opcode, in plain fields under the stream's lock. */
final class Traffic {
  private static final int OPCODES = 16;

  private final long[] messages = new long[OPCODES];
  private final long[] payloadBytes = new long[OPCODES];
  private long fpdus;

  /** Counts a valid segment whose headers are at {@code offset}. */
  void count(ByteBuffer headers, int offset, int segmentBytes) {
    byte control = headers.get(offset);
    int opcode = Opcode.of(headers.get(offset + TaggedHeader.ULP_OFFSET));
    fpdus++;
    if (DdpControl.isLast(control)) {
      messages[opcode]++;
    }
    if (DdpControl.isTagged(control)) {
      payloadBytes[opcode] += segmentBytes - TaggedHeader.BYTES;
    } else if (Opcode.isSend(opcode) || Opcode.isImmediate(opcode)) {
      payloadBytes[opcode] += segmentBytes - UntaggedHeader.BYTES;
    }
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

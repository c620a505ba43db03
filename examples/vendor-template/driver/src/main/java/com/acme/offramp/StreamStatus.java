package com.acme.offramp;

import dev.offramp.api.descriptor.Octets;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/** What the adapter says of a stream: how it ended. Each way stays distinct. */
final class StreamStatus {
  static final int ALIVE = 0;
  static final int CLOSED_LOCALLY = 1;
  static final int CLOSED_BY_PEER = 2;
  static final int TRUNCATED_BY_PEER = 3;
  static final int TERMINATED_BY_PEER = 4;
  static final int TERMINATED_LOCALLY = 5;
  static final int RESET = 6;
  static final int TIMED_OUT = 7;

  private static final int TYPE_SHIFT = 8;
  private static final int LAYER_SHIFT = 16;
  private static final int OCTET = 0xFF;

  private StreamStatus() {}

  /** How it ended; null while it lives. */
  static @Nullable StreamEnd end(MemorySegment memory) {
    int kind = Words.acquire(memory, Rings.END);
    return switch (kind) {
      case ALIVE -> null;
      case CLOSED_LOCALLY -> new StreamEnd.ClosedLocally();
      case CLOSED_BY_PEER -> new StreamEnd.ClosedByPeer();
      case TRUNCATED_BY_PEER -> new StreamEnd.TruncatedByPeer();
      case TERMINATED_BY_PEER -> new StreamEnd.TerminatedByPeer(terminate(memory));
      case TERMINATED_LOCALLY -> {
        Terminate sent = terminate(memory);
        yield new StreamEnd.TerminatedLocally(sent, "the adapter found: " + sent);
      }
      case RESET -> new StreamEnd.Reset();
      case TIMED_OUT -> new StreamEnd.TimedOut();
      default -> new StreamEnd.Failed("the adapter says end [%d]".formatted(kind));
    };
  }

  private static Terminate terminate(MemorySegment memory) {
    int word = memory.get(Words.U32, Rings.TERMINATE);
    int bytes =
        Math.clamp(
            memory.get(Words.U32, Rings.TERMINATE_HEADER_BYTES),
            0,
            Rings.MAX_TERMINATE_HEADER_BYTES);
    byte[] headers = memory.asSlice(Rings.TERMINATE_HEADERS, bytes).toArray(ValueLayout.JAVA_BYTE);
    return new Terminate(
        word >>> LAYER_SHIFT & 0xF,
        word >>> TYPE_SHIFT & 0xF,
        word & OCTET,
        Octets.copyOf(headers));
  }

  /** Whether there will be no completions any more. */
  static boolean isFlushed(MemorySegment memory) {
    return Words.acquire(memory, Rings.FLUSHED) != 0;
  }

  /** Whether TCP has ended, too. */
  static boolean isOver(MemorySegment memory) {
    return Words.acquire(memory, Rings.OVER) != 0;
  }
}

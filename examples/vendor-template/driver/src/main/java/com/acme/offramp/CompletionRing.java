package com.acme.offramp;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.lang.foreign.MemorySegment;

/** Reads what the adapter has completed. Under the connection's lock; allocates nothing. */
final class CompletionRing implements CompletionHandler.CompletionDetail {
  private final MemorySegment memory;
  private final WorkPoster poster;
  private int polled;
  private int flags;
  private int stag;

  CompletionRing(MemorySegment memory, WorkPoster poster) {
    this.memory = memory;
    this.poster = poster;
  }

  boolean isEmpty() {
    return !isValid(polled);
  }

  /** Whether the entry is of this round: the acquiring read of its last word comes first. */
  private boolean isValid(int count) {
    return Words.acquire(memory, entry(count) + Rings.DONE_ROUND) == round(count);
  }

  private static int round(int count) {
    return Integer.divideUnsigned(count, Rings.COMPLETION_ENTRIES) + 1;
  }

  private static long entry(int count) {
    return Rings.COMPLETIONS
        + (long) (count & (Rings.COMPLETION_ENTRIES - 1)) * Rings.COMPLETION_BYTES;
  }

  /** Hands the next completion on; there must be one. */
  void poll(CompletionHandler handler) {
    long at = entry(polled++);
    int opcode = memory.get(Words.U32, at + Rings.DONE_OPCODE);
    poster.polled(opcode == Rings.RECEIVE);
    flags = memory.get(Words.U16, at + Rings.DONE_FLAGS);
    stag = memory.get(Words.U32, at + Rings.DONE_STAG);
    handler.completed(
        memory.get(Words.U64, at + Rings.DONE_ID),
        operation(opcode),
        status(memory.get(Words.U16, at + Rings.DONE_STATUS)),
        memory.get(Words.U64, at + Rings.DONE_LENGTH),
        this);
  }

  /** Completes what a stopped adapter never will: requests complete in order, each kind. */
  void flush() {
    int end = polled;
    int sends = poster.sendsPolled();
    int receives = poster.receivesPolled();
    for (; isValid(end); end++) {
      if (memory.get(Words.U32, entry(end) + Rings.DONE_OPCODE) == Rings.RECEIVE) {
        receives++;
      } else {
        sends++;
      }
    }
    for (; sends != poster.sendsPosted(); sends++) {
      int slot = sends & (Rings.SEND_ENTRIES - 1);
      flush(end++, Rings.SENDS + (long) slot * Rings.SEND_BYTES);
    }
    for (; receives != poster.receivesPosted(); receives++) {
      int slot = receives & (Rings.RECEIVE_ENTRIES - 1);
      flush(end++, Rings.RECEIVES + (long) slot * Rings.RECEIVE_BYTES);
    }
  }

  private void flush(int count, long work) {
    long at = entry(count);
    memory.set(Words.U64, at + Rings.DONE_ID, memory.get(Words.U64, work + Rings.WORK_ID));
    memory.set(Words.U64, at + Rings.DONE_LENGTH, 0);
    memory.set(Words.U32, at + Rings.DONE_OPCODE, memory.get(Words.U32, work + Rings.WORK_OPCODE));
    memory.set(Words.U16, at + Rings.DONE_STATUS, (short) Rings.FLUSHED_WORK);
    memory.set(Words.U16, at + Rings.DONE_FLAGS, (short) 0);
    Words.release(memory, at + Rings.DONE_ROUND, round(count));
  }

  private static Operation operation(int opcode) {
    return switch (opcode) {
      case Rings.SEND -> Operation.SEND;
      case Rings.RECEIVE -> Operation.RECEIVE;
      case Rings.WRITE -> Operation.WRITE;
      case Rings.READ -> Operation.READ;
      default ->
          throw new IllegalStateException(
              "a completion with opcode [%d], expected 1..4; the adapter is defective"
                  .formatted(opcode));
    };
  }

  private static CompletionStatus status(int code) {
    return switch (code) {
      case Rings.SUCCESS -> CompletionStatus.SUCCESS;
      case Rings.FLUSHED_WORK -> CompletionStatus.FLUSHED;
      case Rings.INVALID_REGION -> CompletionStatus.INVALID_REGION;
      case Rings.MESSAGE_TOO_LONG -> CompletionStatus.MESSAGE_TOO_LONG;
      case Rings.TERMINATED_BY_PEER -> CompletionStatus.TERMINATED_BY_PEER;
      default -> CompletionStatus.DEVICE_ERROR;
    };
  }

  @Override
  public boolean isSolicited() {
    return (flags & Rings.FLAG_SOLICITED) != 0;
  }

  @Override
  public boolean hasInvalidatedStag() {
    return (flags & Rings.FLAG_INVALIDATE) != 0;
  }

  @Override
  public int invalidatedStag() {
    return stag;
  }

  @Override
  public boolean hasImmediate() {
    return false;
  }

  @Override
  public long immediate() {
    return 0;
  }
}

package com.acme.offramp.model;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.api.rdma.Terminate;
import java.lang.foreign.MemorySegment;

/** What the adapter writes into a queue pair's memory: completions, and how the stream ended. */
final class CompletionWriter {
  private final MemorySegment memory;
  private long written;
  private boolean news;

  CompletionWriter(MemorySegment memory) {
    this.memory = memory;
  }

  /** Whether something was written since this was asked. */
  boolean takeNews() {
    boolean was = news;
    news = false;
    return was;
  }

  void completed(
      long id,
      Operation operation,
      CompletionStatus status,
      long bytes,
      CompletionHandler.CompletionDetail detail) {
    int flags =
        (detail.isSolicited() ? QueueLayout.FLAG_SOLICITED : 0)
            | (detail.hasInvalidatedStag() ? QueueLayout.FLAG_INVALIDATE : 0);
    int stag = detail.hasInvalidatedStag() ? detail.invalidatedStag() : 0;
    write(id, opcode(operation), code(status), bytes, flags, stag);
  }

  void write(long id, int opcode, int status, long bytes, int flags, int stag) {
    long at =
        QueueLayout.COMPLETIONS
            + written % QueueLayout.COMPLETION_ENTRIES * QueueLayout.COMPLETION_BYTES;
    Words.put64(memory, at, id);
    Words.put64(memory, at + 8, bytes);
    Words.put32(memory, at + 16, opcode);
    Words.put16(memory, at + 20, status);
    Words.put16(memory, at + 22, flags);
    Words.put32(memory, at + 24, stag);
    int round = (int) (written / QueueLayout.COMPLETION_ENTRIES + 1);
    Words.publish32(memory, at + 28, round);
    written++;
    news = true;
  }

  private static int opcode(Operation operation) {
    return switch (operation) {
      case SEND -> QueueLayout.OP_SEND;
      case RECEIVE -> QueueLayout.OP_RECEIVE;
      case WRITE -> QueueLayout.OP_WRITE;
      case READ -> QueueLayout.OP_READ;
      default -> throw new IllegalStateException("the adapter has no " + operation);
    };
  }

  private static int code(CompletionStatus status) {
    return switch (status) {
      case SUCCESS -> 0;
      case FLUSHED -> 1;
      case INVALID_REGION -> 2;
      case MESSAGE_TOO_LONG -> 3;
      case TERMINATED_BY_PEER -> 4;
      case DEVICE_ERROR -> 5;
    };
  }

  void ended(StreamEnd end) {
    int kind =
        switch (end) {
          case StreamEnd.ClosedLocally closed -> 1;
          case StreamEnd.ClosedByPeer closed -> 2;
          case StreamEnd.TruncatedByPeer truncated -> 3;
          case StreamEnd.TerminatedByPeer(Terminate terminate) -> terminated(4, terminate);
          case StreamEnd.TerminatedLocally(Terminate terminate, String reason) ->
              terminated(5, terminate);
          case StreamEnd.Reset reset -> 6;
          case StreamEnd.TimedOut late -> 7;
          case StreamEnd.Failed failed -> 8;
          case StreamEnd.Migrated elsewhere ->
              throw new IllegalStateException("a device's own stream ends as " + elsewhere);
        };
    Words.publish32(memory, QueueLayout.END, kind);
    news = true;
  }

  private int terminated(int kind, Terminate terminate) {
    Words.put32(
        memory,
        QueueLayout.TERMINATE,
        terminate.layer() << 16 | terminate.type() << 8 | terminate.code());
    byte[] headers = terminate.headers().toByteArray();
    int bytes = Math.min(headers.length, QueueLayout.MAX_TERMINATE_HEADER_BYTES);
    Words.put32(memory, QueueLayout.TERMINATE_HEADER_BYTES, bytes);
    MemorySegment.copy(
        MemorySegment.ofArray(headers), 0, memory, QueueLayout.TERMINATE_HEADERS, bytes);
    return kind;
  }

  void flushed() {
    flag(QueueLayout.FLUSHED);
  }

  void over() {
    flag(QueueLayout.OVER);
  }

  private void flag(long at) {
    if (Words.u32(memory, at) == 0) {
      Words.publish32(memory, at, 1);
      news = true;
    }
  }
}

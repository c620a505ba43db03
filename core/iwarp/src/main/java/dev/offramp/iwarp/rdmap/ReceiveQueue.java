package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.CompletionStatus;
import org.jspecify.annotations.Nullable;

/** Posted Receives: queue 0's untagged buffers, matched to messages in order. */
final class ReceiveQueue {
  private final LocalBuffers[] buffers;
  private final long[] ids;
  private final Completions completions;
  private long oldest;
  private long end;
  private int inUse;

  ReceiveQueue(int depth, int maxBuffers, Completions completions) {
    this.completions = completions;
    ids = new long[depth];
    buffers = new LocalBuffers[depth];
    for (int i = 0; i < depth; i++) {
      buffers[i] = new LocalBuffers(maxBuffers);
    }
  }

  boolean isFull() {
    return inUse == ids.length;
  }

  void post(long id, LocalBuffers where) {
    ids[index(end)] = id;
    buffers[index(end)].copyFrom(where);
    end++;
    inUse++;
  }

  void release() {
    inUse--;
  }

  /** The buffers of the message under way, or of the next one; null when none is posted. */
  @Nullable LocalBuffers current() {
    return oldest == end ? null : buffers[index(oldest)];
  }

  /** Completes the current Receive; the caller adds what else there is to say. */
  CompletionEntry complete(CompletionStatus status, long bytes) {
    int index = index(oldest++);
    buffers[index].clear();
    return completions.addReceive(ids[index], status, bytes);
  }

  void flush() {
    while (oldest < end) {
      complete(CompletionStatus.FLUSHED, 0);
    }
  }

  private int index(long number) {
    return (int) (number % ids.length);
  }
}

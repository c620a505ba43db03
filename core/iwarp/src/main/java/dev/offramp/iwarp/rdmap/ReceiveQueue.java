package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.CompletionStatus;
import org.jspecify.annotations.Nullable;

/** Posted Receives: queue 0's untagged buffers, matched to messages in order. */
final class ReceiveQueue {
  private static final int FIRST_ENTRIES = 4;

  private final int depth;
  private final int maxBuffers;
  private final Completions completions;

  /** As many as were posted at once, rounded up to a power of two. */
  private LocalBuffers[] buffers = new LocalBuffers[0];

  private long[] ids = new long[0];
  private long oldest;
  private long end;
  private int inUse;

  ReceiveQueue(int depth, int maxBuffers, Completions completions) {
    this.depth = depth;
    this.maxBuffers = maxBuffers;
    this.completions = completions;
  }

  boolean isFull() {
    return inUse == depth;
  }

  void post(long id, LocalBuffers where) {
    if (end - oldest == ids.length) {
      grow();
    }
    ids[index(end)] = id;
    buffers[index(end)].copyFrom(where);
    end++;
    inUse++;
  }

  private void grow() {
    int size = Math.max(FIRST_ENTRIES, 2 * ids.length);
    LocalBuffers[] moreBuffers = new LocalBuffers[size];
    long[] moreIds = new long[size];
    for (long i = oldest; i < end; i++) {
      moreBuffers[(int) i & (size - 1)] = buffers[index(i)];
      moreIds[(int) i & (size - 1)] = ids[index(i)];
    }
    for (long i = end; i < oldest + size; i++) {
      moreBuffers[(int) i & (size - 1)] = new LocalBuffers(maxBuffers);
    }
    buffers = moreBuffers;
    ids = moreIds;
  }

  /** Receives that have not completed. */
  int postedCount() {
    return (int) (end - oldest);
  }

  /** The number of one of them, oldest first. */
  long postedId(int index) {
    return ids[index(oldest + index)];
  }

  /** The buffers of one of them. */
  LocalBuffers posted(int index) {
    return buffers[index(oldest + index)];
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
    return (int) number & (ids.length - 1);
  }
}

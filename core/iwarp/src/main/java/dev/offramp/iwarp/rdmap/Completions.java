package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.ArrayList;
import java.util.List;

/**
 * Completions not yet polled. There is room for one of every request that can be posted, and a
 * request's place in its queue is free again only when its completion has been polled: so this ring
 * grows no further than that, and no stream disturbs another.
 */
final class Completions {
  private static final int FIRST_ENTRIES = 4;
  private static final long NOT_HANDED_OUT = -1;

  /** As many as waited at once, rounded up to a power of two. */
  private CompletionEntry[] entries = new CompletionEntry[0];

  private long first;
  private long end;

  /** The entry that a handler has, or the first of several when handlers poll themselves. */
  private long handedOut = NOT_HANDED_OUT;

  void addSend(SendRequest request) {
    boolean success = request.status == CompletionStatus.SUCCESS;
    add().set(request.id, request.operation, request.status, success ? request.length : 0);
  }

  CompletionEntry addReceive(long id, CompletionStatus status, long bytes) {
    CompletionEntry entry = add();
    entry.set(id, Operation.RECEIVE, status, bytes);
    return entry;
  }

  boolean isEmpty() {
    return first == end;
  }

  int size() {
    return (int) (end - first);
  }

  /** A copy, oldest first. */
  List<Completion> copy() {
    List<Completion> all = new ArrayList<>();
    for (long i = first; i < end; i++) {
      all.add(entries[index(i)].copy());
    }
    return all;
  }

  /** Forgets all: somebody else delivers them. */
  void clear() {
    first = end;
  }

  /** Whether the oldest is a Receive's. */
  boolean isOldestReceive() {
    return entries[index(first)].operation == Operation.RECEIVE;
  }

  /** Hands out the oldest. The handler may post, and so add others, while it has it. */
  void poll(CompletionHandler handler) {
    boolean outermost = handedOut == NOT_HANDED_OUT;
    CompletionEntry entry = entries[index(first)];
    if (outermost) {
      handedOut = first;
    }
    first++;
    try {
      handler.completed(entry.id, entry.operation, entry.status, entry.bytes, entry);
    } finally {
      if (outermost) {
        handedOut = NOT_HANDED_OUT;
      }
    }
  }

  private CompletionEntry add() {
    if (end - (handedOut == NOT_HANDED_OUT ? first : handedOut) == entries.length) {
      grow();
    }
    return entries[index(end++)];
  }

  private void grow() {
    CompletionEntry[] more = new CompletionEntry[Math.max(FIRST_ENTRIES, 2 * entries.length)];
    int mask = more.length - 1;
    for (long i = first; i < end; i++) {
      more[(int) i & mask] = entries[index(i)];
    }
    for (long i = end; i < first + more.length; i++) {
      more[(int) i & mask] = new CompletionEntry();
    }
    entries = more;
  }

  private int index(long number) {
    return (int) number & (entries.length - 1);
  }
}

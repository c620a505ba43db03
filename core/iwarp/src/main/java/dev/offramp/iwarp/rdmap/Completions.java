package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Completions not yet polled. There is room for one of every request that can be posted, and a
 * request's place in its queue is free again only when its completion has been polled: so this ring
 * grows no further than that, and no stream disturbs another.
 */
final class Completions {
  private static final int FIRST_ENTRIES = 4;

  /** As many as waited at once, rounded up to a power of two. */
  private CompletionEntry[] entries = new CompletionEntry[0];

  /** Takes the place of an entry that a handler has. */
  private @Nullable CompletionEntry spare;

  private long first;
  private long end;

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
    int index = index(first++);
    CompletionEntry entry = entries[index];
    CompletionEntry replacement = spare;
    entries[index] = replacement != null ? replacement : new CompletionEntry();
    spare = null;
    try {
      handler.completed(entry.id, entry.operation, entry.status, entry.bytes, entry);
    } finally {
      spare = entry;
    }
  }

  private CompletionEntry add() {
    if (end - first == entries.length) {
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

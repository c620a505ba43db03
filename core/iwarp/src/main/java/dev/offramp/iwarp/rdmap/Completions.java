package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;

/**
 * Completions not yet polled. There is room for one of every request that can be posted, and a
 * request's place in its queue is free again only when its completion has been polled: so this ring
 * cannot overflow, and no stream disturbs another.
 */
final class Completions {
  private final CompletionEntry[] entries;
  private long first;
  private long end;

  Completions(int capacity) {
    entries = new CompletionEntry[capacity];
    for (int i = 0; i < capacity; i++) {
      entries[i] = new CompletionEntry();
    }
  }

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

  /** Hands out the oldest; true when it was a Receive's. */
  boolean poll(CompletionHandler handler) {
    CompletionEntry entry = entries[index(first++)];
    boolean receive = entry.operation == Operation.RECEIVE;
    handler.completed(entry.id, entry.operation, entry.status, entry.bytes, entry);
    return receive;
  }

  private CompletionEntry add() {
    return entries[index(end++)];
  }

  private int index(long number) {
    return (int) (number % entries.length);
  }
}

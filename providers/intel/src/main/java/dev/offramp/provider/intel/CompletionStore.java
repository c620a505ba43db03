package dev.offramp.provider.intel;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Completions that the device has given and the application has not taken. There is room for one of
 * each work request that can be posted: a request's place is free again only when its completion is
 * taken. Under the connection's lock; allocates nothing after construction.
 */
final class CompletionStore implements CompletionDetail {
  private final long[] ids;
  private final Operation[] operations;
  private final CompletionStatus[] statuses;
  private final long[] bytes;
  private final boolean[] solicited;
  private final boolean[] invalidated;
  private final int[] stags;
  private int first;
  private int count;

  /** Of the completion that a handler has. */
  private boolean shownSolicited;

  private boolean shownInvalidated;
  private int shownStag;

  CompletionStore(int capacity) {
    this.ids = new long[capacity];
    this.operations = new Operation[capacity];
    this.statuses = new CompletionStatus[capacity];
    this.bytes = new long[capacity];
    this.solicited = new boolean[capacity];
    this.invalidated = new boolean[capacity];
    this.stags = new int[capacity];
  }

  int count() {
    return count;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** Whether the oldest is a Receive's. */
  boolean isOldestReceive() {
    return operations[first] == Operation.RECEIVE;
  }

  /** Adds one that has nothing more to say. */
  void add(long id, Operation operation, CompletionStatus status, long byteCount) {
    add(id, operation, status, byteCount, false, false, 0);
  }

  /** Adds one. */
  void add(
      long id,
      Operation operation,
      CompletionStatus status,
      long byteCount,
      boolean isSolicited,
      boolean isInvalidated,
      int stag) {
    int at = (first + count) % ids.length;
    ids[at] = id;
    operations[at] = operation;
    statuses[at] = status;
    bytes[at] = byteCount;
    solicited[at] = isSolicited;
    invalidated[at] = isInvalidated;
    stags[at] = stag;
    count++;
  }

  /** Takes the oldest. The handler may post, and so make others come, while it has it. */
  void take(CompletionHandler handler) {
    int at = first;
    first = (first + 1) % ids.length;
    count--;
    shownSolicited = solicited[at];
    shownInvalidated = invalidated[at];
    shownStag = stags[at];
    handler.completed(ids[at], operations[at], statuses[at], bytes[at], this);
  }

  /** All of them, oldest first, for the next owner; they stay here. */
  List<Completion> describe() {
    List<Completion> all = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int at = (first + i) % ids.length;
      all.add(
          new Completion(
              ids[at],
              operations[at],
              statuses[at],
              bytes[at],
              solicited[at],
              invalidated[at] ? OptionalInt.of(stags[at]) : OptionalInt.empty(),
              OptionalLong.empty()));
    }
    return all;
  }

  @Override
  public boolean isSolicited() {
    return shownSolicited;
  }

  @Override
  public boolean hasInvalidatedStag() {
    return shownInvalidated;
  }

  @Override
  public int invalidatedStag() {
    return shownStag;
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

package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Completions that wait to be polled, in order. As large as all that can be posted, so that it
 * never overflows. Under the connection's lock; allocates nothing.
 */
final class Completed implements CompletionHandler.CompletionDetail {
  private static final byte SOLICITED = 1;
  private static final byte INVALIDATED = 2;

  private final long[] ids;
  private final Operation[] operations;
  private final CompletionStatus[] statuses;
  private final long[] lengths;
  private final byte[] flags;
  private final int[] stags;
  private int head;
  private int size;
  private int shown;

  /** None, with room for so many. */
  Completed(int capacity) {
    ids = new long[capacity];
    operations = new Operation[capacity];
    Arrays.fill(operations, Operation.SEND);
    statuses = new CompletionStatus[capacity];
    Arrays.fill(statuses, CompletionStatus.SUCCESS);
    lengths = new long[capacity];
    flags = new byte[capacity];
    stags = new int[capacity];
  }

  int size() {
    return size;
  }

  /** Adds one without details. */
  void add(long id, Operation operation, CompletionStatus status, long length) {
    add(id, operation, status, length, false, false, 0);
  }

  /** Adds one. */
  void add(
      long id,
      Operation operation,
      CompletionStatus status,
      long length,
      boolean solicited,
      boolean invalidated,
      int stag) {
    int at = index(size);
    ids[at] = id;
    operations[at] = operation;
    statuses[at] = status;
    lengths[at] = length;
    flags[at] = (byte) ((solicited ? SOLICITED : 0) | (invalidated ? INVALIDATED : 0));
    stags[at] = stag;
    size++;
  }

  /** Whether the oldest is a Receive's. */
  boolean isOldestReceive() {
    return operations[head] == Operation.RECEIVE;
  }

  /** Hands the oldest over; it is gone then. */
  void take(CompletionHandler handler) {
    shown = head;
    head = index(1);
    size--;
    handler.completed(ids[shown], operations[shown], statuses[shown], lengths[shown], this);
  }

  /** What nobody has polled yet, the oldest first; it stays. */
  List<Completion> waiting() {
    // A handler that waits for something may be looking at one.
    int before = shown;
    List<Completion> all = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      shown = index(i);
      all.add(Completion.of(ids[shown], operations[shown], statuses[shown], lengths[shown], this));
    }
    shown = before;
    return all;
  }

  private int index(int offset) {
    int at = head + offset;
    return at < ids.length ? at : at - ids.length;
  }

  @Override
  public boolean isSolicited() {
    return (flags[shown] & SOLICITED) != 0;
  }

  @Override
  public boolean hasInvalidatedStag() {
    return (flags[shown] & INVALIDATED) != 0;
  }

  @Override
  public int invalidatedStag() {
    return stags[shown];
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

package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** One completion, used again and again. */
final class CompletionEntry implements CompletionHandler.CompletionDetail {
  long id;
  Operation operation = Operation.SEND;
  CompletionStatus status = CompletionStatus.SUCCESS;
  long bytes;
  private boolean solicited;
  private boolean invalidated;
  private int invalidatedStag;
  private boolean hasImmediate;
  private long immediate;

  void set(long id, Operation operation, CompletionStatus status, long bytes) {
    this.id = id;
    this.operation = operation;
    this.status = status;
    this.bytes = bytes;
    solicited = false;
    invalidated = false;
    invalidatedStag = 0;
    hasImmediate = false;
    immediate = 0;
  }

  void setSolicited(boolean solicited) {
    this.solicited = solicited;
  }

  void setInvalidated(int stag) {
    invalidated = true;
    invalidatedStag = stag;
  }

  void setImmediate(long data) {
    hasImmediate = true;
    immediate = data;
  }

  Completion copy() {
    return new Completion(
        id,
        operation,
        status,
        bytes,
        solicited,
        invalidated ? OptionalInt.of(invalidatedStag) : OptionalInt.empty(),
        hasImmediate ? OptionalLong.of(immediate) : OptionalLong.empty());
  }

  @Override
  public boolean isSolicited() {
    return solicited;
  }

  @Override
  public boolean hasInvalidatedStag() {
    return invalidated;
  }

  @Override
  public int invalidatedStag() {
    return invalidatedStag;
  }

  @Override
  public boolean hasImmediate() {
    return hasImmediate;
  }

  @Override
  public long immediate() {
    return immediate;
  }
}

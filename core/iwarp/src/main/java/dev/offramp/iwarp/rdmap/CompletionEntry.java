package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;

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

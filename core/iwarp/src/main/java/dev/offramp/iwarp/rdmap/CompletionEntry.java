package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;
import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;

/** One completion, used again and again. */
final class CompletionEntry implements CompletionHandler.CompletionDetail {
  private static final int SOLICITED = 1;
  private static final int INVALIDATED = 2;
  private static final int IMMEDIATE = 4;

  long id;
  Operation operation = Operation.SEND;
  CompletionStatus status = CompletionStatus.SUCCESS;
  long bytes;

  /** Which of the details there are; the fields of those that are not keep what was there. */
  private int details;

  private int invalidatedStag;
  private long immediate;

  void set(long id, Operation operation, CompletionStatus status, long bytes) {
    this.id = id;
    this.operation = operation;
    this.status = status;
    this.bytes = bytes;
    details = 0;
  }

  void setSolicited(boolean solicited) {
    details |= solicited ? SOLICITED : 0;
  }

  void setInvalidated(int stag) {
    details |= INVALIDATED;
    invalidatedStag = stag;
  }

  void setImmediate(long data) {
    details |= IMMEDIATE;
    immediate = data;
  }

  Completion copy() {
    return Completion.of(id, operation, status, bytes, this);
  }

  @Override
  public boolean isSolicited() {
    return (details & SOLICITED) != 0;
  }

  @Override
  public boolean hasInvalidatedStag() {
    return (details & INVALIDATED) != 0;
  }

  @Override
  public int invalidatedStag() {
    return hasInvalidatedStag() ? invalidatedStag : 0;
  }

  @Override
  public boolean hasImmediate() {
    return (details & IMMEDIATE) != 0;
  }

  @Override
  public long immediate() {
    return hasImmediate() ? immediate : 0;
  }
}

package dev.offramp.api.rdma;

/** The rest of a completion that is a record already. */
record RecordedDetail(Completion completion) implements CompletionHandler.CompletionDetail {
  @Override
  public boolean isSolicited() {
    return completion.solicited();
  }

  @Override
  public boolean hasInvalidatedStag() {
    return completion.invalidatedStag().isPresent();
  }

  @Override
  public int invalidatedStag() {
    return completion.invalidatedStag().orElse(0);
  }

  @Override
  public boolean hasImmediate() {
    return completion.immediate().isPresent();
  }

  @Override
  public long immediate() {
    return completion.immediate().orElse(0);
  }
}

package dev.offramp.runtime.move;

import dev.offramp.api.rdma.Completion;
import dev.offramp.api.rdma.CompletionHandler;

/** A completion that was carried, told as its owner would have. */
record CarriedDetail(Completion completion) implements CompletionHandler.CompletionDetail {
  static void deliver(Completion completion, CompletionHandler to) {
    to.completed(
        completion.id(),
        completion.operation(),
        completion.status(),
        completion.bytes(),
        new CarriedDetail(completion));
  }

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

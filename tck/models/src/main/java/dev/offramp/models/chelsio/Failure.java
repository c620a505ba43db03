package dev.offramp.models.chelsio;

/** Who is told that a connection's RDMA stands still. */
@FunctionalInterface
interface Failure {
  /**
   * Told once or more; the first counts.
   *
   * @param cqe what went wrong
   * @param completes whether the completion queue has it, too
   */
  void failed(Cqe cqe, boolean completes);
}

package dev.offramp.tck.experiment;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.Rule;
import java.util.List;
import java.util.Set;

/**
 * Something wrong that a peer can send, and how it has to be answered.
 *
 * @param name for messages
 * @param rules what is broken when it is not answered so
 * @param triples registered Terminates that fit; any when empty
 * @param needsReads whether the connection has to have an IRD
 * @param misdeed sends it
 */
record BadSegment(
    String name, List<Rule> rules, Set<Integer> triples, boolean needsReads, Misdeed misdeed) {

  /** Sends something wrong. */
  @FunctionalInterface
  interface Misdeed {
    void commit(Scene scene) throws Exception;
  }

  /**
   * What there is to be abused.
   *
   * @param talk the connection
   * @param open a region that the peer may read and write
   * @param shut a region that the peer may do nothing to
   * @param readOnly a region that the peer may only read
   * @param buffer where the only posted Receive goes, 64 octets with octets behind them
   */
  record Scene(
      Conversation talk,
      MemoryRegion open,
      MemoryRegion shut,
      MemoryRegion readOnly,
      MemoryRegion buffer) {}
}

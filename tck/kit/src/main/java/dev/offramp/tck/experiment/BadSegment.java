package dev.offramp.tck.experiment;

import dev.offramp.api.rdma.MemoryRegion;
import dev.offramp.tck.bench.Conversation;
import dev.offramp.tck.rule.Rule;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Something wrong that a peer can send, and how it has to be answered.
 *
 * @param name for messages
 * @param rules what is broken when it is not answered so
 * @param triples registered Terminates that fit; any when empty
 * @param atZero those that fit, too, when the region begins at tagged offset 0: what lies before it
 *     then wraps at 2^64 (RFC 5041, section 7.1)
 * @param needsReads whether the connection has to have an IRD
 * @param misdeed sends it
 */
record BadSegment(
    String name,
    List<Rule> rules,
    Set<Integer> triples,
    Set<Integer> atZero,
    boolean needsReads,
    Misdeed misdeed) {

  /** The same, with the answers that fit on this scene. */
  BadSegment on(Scene scene) {
    if (atZero.isEmpty() || scene.open().taggedOffset() != 0) {
      return this;
    }
    Set<Integer> all = new TreeSet<>(triples);
    all.addAll(atZero);
    return new BadSegment(name, rules, Set.copyOf(all), Set.of(), needsReads, misdeed);
  }

  /** Whether a Terminate names the error, though perhaps not by its registered number. */
  boolean names(int triple) {
    return triples.contains(triple)
        || triples.stream()
            .anyMatch(
                t -> t >> 12 == LLP && t >> 12 == triple >> 12 && (t & 0xFF) == (triple & 0xFF));
  }

  /** The layer of MPA in a Terminate. */
  private static final int LLP = 2;

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

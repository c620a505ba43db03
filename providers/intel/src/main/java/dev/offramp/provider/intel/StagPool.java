package dev.offramp.provider.intel;

import java.util.BitSet;
import java.util.random.RandomGenerator;

/**
 * STags: an index that the device's tables have room for, and a key of eight bits. Both are drawn
 * at random, so that one STag tells a peer little about others (RFC 5042, section 6.1). Index 0 is
 * not used, nor is STag 0 with it. Safe for several threads.
 */
final class StagPool {
  private static final int KEY_BITS = 8;
  private static final int KEYS = 1 << KEY_BITS;

  private final int indices;
  private final RandomGenerator random;
  private final BitSet taken = new BitSet();

  /**
   * A pool.
   *
   * @param indices how many entries the device has, the unused one included; 2 or more
   */
  StagPool(int indices, RandomGenerator random) {
    this.indices = indices;
    this.random = random;
    taken.set(0);
  }

  /** The part of an STag that names the entry. */
  static int indexOf(int stag) {
    return stag >>> KEY_BITS;
  }

  /**
   * Takes one.
   *
   * @throws NoRoomException when all are taken
   */
  synchronized int take() throws NoRoomException {
    if (taken.cardinality() == indices) {
      throw new NoRoomException("STags", indices - 1);
    }
    int index = taken.nextClearBit(random.nextInt(indices));
    if (index >= indices) {
      index = taken.nextClearBit(0);
    }
    taken.set(index);
    return index << KEY_BITS | random.nextInt(KEYS);
  }

  /**
   * Takes one that the peer of a connection knows already.
   *
   * @throws NoRoomException when the device has no room for it, or another connection has its index
   */
  synchronized void take(int stag) throws NoRoomException {
    int index = indexOf(stag);
    if (index == 0 || index >= indices) {
      throw new NoRoomException(
          "STag [%08x] has index [%d], the device takes 1..%d; raise intel.max-regions, or set softiwarp.stag-index-bits where it comes from"
              .formatted(stag, index, indices - 1));
    }
    if (taken.get(index)) {
      throw new NoRoomException(
          "STag [%08x]: index [%d] is another connection's; close that region, or use another adapter"
              .formatted(stag, index));
    }
    taken.set(index);
  }

  /** Gives one back. */
  synchronized void giveBack(int stag) {
    taken.clear(indexOf(stag));
  }

  /** How many are taken. */
  synchronized int count() {
    return taken.cardinality() - 1;
  }
}

package dev.offramp.provider.intel;

import java.util.BitSet;

/** Numbers that the host gives out: QPs, CQs, protection domains. Safe for several threads. */
final class IdPool {
  private final String what;
  private final int first;
  private final int limit;
  private final BitSet taken = new BitSet();

  /** Where to look first; a number that was given back is used again as late as possible. */
  private int next;

  /**
   * A pool of numbers.
   *
   * @param what for messages
   * @param first the lowest
   * @param limit above the highest
   */
  IdPool(String what, int first, int limit) {
    this.what = what;
    this.first = first;
    this.limit = limit;
    this.next = first;
  }

  /**
   * Takes one.
   *
   * @throws NoRoomException when all are taken
   */
  synchronized int take() throws NoRoomException {
    int id = taken.nextClearBit(next);
    if (id >= limit) {
      id = taken.nextClearBit(first);
    }
    if (id >= limit) {
      throw new NoRoomException(what, limit - first);
    }
    taken.set(id);
    next = id + 1;
    return id;
  }

  /** Gives one back. */
  synchronized void giveBack(int id) {
    taken.clear(id);
  }

  /** How many are taken. */
  synchronized int count() {
    return taken.cardinality();
  }
}

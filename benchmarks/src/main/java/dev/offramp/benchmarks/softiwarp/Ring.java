package dev.offramp.benchmarks.softiwarp;

import java.nio.ByteBuffer;

/** Memory of equal slots that are used in turns: the same working set for both sides. */
final class Ring {
  /** Slots of every ring. */
  static final int SLOTS = 8;

  private final ByteBuffer[] slots = new ByteBuffer[SLOTS];
  private int turn;

  /** Direct memory, touched once. */
  Ring(int slotBytes) {
    ByteBuffer all = ByteBuffer.allocateDirect(SLOTS * slotBytes);
    for (int i = 0; i < SLOTS; i++) {
      slots[i] = all.slice(i * slotBytes, slotBytes);
    }
  }

  /** The next slot, cleared. */
  ByteBuffer next() {
    turn = turn + 1 == SLOTS ? 0 : turn + 1;
    return slots[turn].clear();
  }
}

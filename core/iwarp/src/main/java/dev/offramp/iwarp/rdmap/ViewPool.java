package dev.offramp.iwarp.rdmap;

import java.nio.ByteBuffer;

/**
 * Views of one buffer, kept for use again: a ByteBuffer cannot be pointed elsewhere, and making a
 * new one per FPDU would allocate on the hot path. Grows to the number once lent at the same time.
 */
final class ViewPool {
  private static final int INITIAL_VIEWS = 8;

  private final ByteBuffer whole;
  private ByteBuffer[] free = new ByteBuffer[INITIAL_VIEWS];
  private int freeCount;

  ViewPool(ByteBuffer whole) {
    this.whole = whole;
  }

  ByteBuffer take(int offset, int length) {
    ByteBuffer view = freeCount > 0 ? free[--freeCount] : whole.duplicate();
    view.limit(offset + length).position(offset);
    return view;
  }

  void giveBack(ByteBuffer view) {
    if (freeCount == free.length) {
      ByteBuffer[] more = new ByteBuffer[2 * freeCount];
      System.arraycopy(free, 0, more, 0, freeCount);
      free = more;
    }
    free[freeCount++] = view;
  }
}

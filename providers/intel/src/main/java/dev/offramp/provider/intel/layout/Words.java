package dev.offramp.provider.intel.layout;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The words that host and device share. Plain accesses for what is covered by a valid bit, and
 * release and acquire for the word that holds it: another thread, or the device, must see the rest
 * first.
 */
public final class Words {
  /** Bytes of a word. */
  public static final int BYTES = 8;

  private static final ValueLayout.OfLong LAYOUT =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle WORD = LAYOUT.varHandle();

  private Words() {}

  /** The word at {@code offset}, a multiple of 8. */
  public static long get(MemorySegment memory, long offset) {
    return memory.get(LAYOUT, offset);
  }

  public static void put(MemorySegment memory, long offset, long word) {
    memory.set(LAYOUT, offset, word);
  }

  /** The word with a valid bit: what was written before it is visible afterwards. */
  public static long getAcquire(MemorySegment memory, long offset) {
    return (long) WORD.getAcquire(memory, offset);
  }

  /** The word with a valid bit: becomes visible after all that was written before. */
  public static void putRelease(MemorySegment memory, long offset, long word) {
    WORD.setRelease(memory, offset, word);
  }

  /** Fills whole words with zeros. */
  public static void clear(MemorySegment memory, long offset, int words) {
    for (int i = 0; i < words; i++) {
      put(memory, offset + (long) i * BYTES, 0);
    }
  }
}

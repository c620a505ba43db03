package dev.offramp.cli.matrix;

import dev.offramp.cli.demo.Pattern;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Places that are written over and over in order, each time with contents that tell which time it
 * was. So what a memory has got says exactly up to which octet a stream has come.
 */
final class KilledSlots {
  /** A multiple of 8. */
  static final int SLOT_BYTES = 4096;

  private KilledSlots() {}

  /** Slots for {@code count} of them. */
  static long bytes(int count) {
    return (long) count * SLOT_BYTES;
  }

  static MemorySegment slot(MemorySegment slots, long number) {
    long count = slots.byteSize() / SLOT_BYTES;
    return slots.asSlice(number % count * SLOT_BYTES, SLOT_BYTES);
  }

  /**
   * Gives a slot the contents of its turn.
   *
   * @param number from 0
   */
  static void fill(MemorySegment slot, long seed, long number) {
    Pattern.fill(slot, seed + 2 * number);
    // 0 stands for what was never written.
    slot.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, number + 1);
  }

  /** Whether a slot has all of the contents of that turn. */
  static boolean isWhole(MemorySegment slot, long seed, long number) {
    return matchingBytes(slot, seed, number) == SLOT_BYTES;
  }

  private static long matchingBytes(MemorySegment slot, long seed, long number) {
    MemorySegment expected = contents(seed, number, slot);
    long mismatch = expected.mismatch(slot);
    return mismatch < 0 ? SLOT_BYTES : mismatch;
  }

  private static MemorySegment contents(long seed, long number, MemorySegment like) {
    MemorySegment contents = MemorySegment.ofArray(new byte[(int) like.byteSize()]);
    if (number >= 0) {
      fill(contents, seed, number);
    }
    return contents;
  }

  /**
   * What is wrong with a memory in which turns arrive in order, each from its first octet to its
   * last; empty when nothing is.
   */
  static Optional<String> wrongIn(MemorySegment slots, long seed) {
    int count = (int) (slots.byteSize() / SLOT_BYTES);
    long last = -1;
    for (int i = 0; i < count; i++) {
      MemorySegment slot = slot(slots, i);
      long number = slot.get(ValueLayout.JAVA_LONG_UNALIGNED, 0) - 1;
      if (number >= 0 && number % count == i && number > last && isWhole(slot, seed, number)) {
        last = number;
      }
    }
    for (int i = 0; i < count; i++) {
      long older = last - Math.floorMod(last - i, (long) count);
      boolean next = i == (last + 1) % count;
      if (!isTurn(slot(slots, i), seed, older, next ? last + 1 : older)) {
        return Optional.of(
            "slot %d of %d holds octets that were not sent in their turn; the last whole turn is %d"
                .formatted(i, count, last));
      }
    }
    return Optional.empty();
  }

  /** Whether a slot holds the beginning of one turn and the rest of an older one. */
  static boolean isTurn(MemorySegment slot, long seed, long older, long newer) {
    long begun = matchingBytes(slot, seed, newer);
    MemorySegment before = contents(seed, older, slot);
    return begun == SLOT_BYTES || before.asSlice(begun).mismatch(slot.asSlice(begun)) < 0;
  }
}

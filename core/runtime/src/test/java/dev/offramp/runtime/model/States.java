package dev.offramp.runtime.model;

import java.util.Arrays;

/** States in the order in which they were found, two words each. */
final class States {
  private static final long MIX = 0x9E37_79B9_7F4A_7C15L;

  private long[] packed = new long[1 << 12];
  private long[] numbers = new long[1 << 12];
  private int[] predecessors = new int[1 << 12];
  private int[] table = new int[1 << 14];
  private int size;

  States() {
    Arrays.fill(table, -1);
  }

  /** The number of a state, which is a new one when nobody has found it before. */
  int add(World w, int predecessor) {
    long one = w.packed();
    long other = w.numbers();
    int slot = find(one, other);
    if (table[slot] >= 0) {
      return table[slot];
    }
    if (size == packed.length) {
      packed = Arrays.copyOf(packed, 2 * size);
      numbers = Arrays.copyOf(numbers, 2 * size);
      predecessors = Arrays.copyOf(predecessors, 2 * size);
    }
    packed[size] = one;
    numbers[size] = other;
    predecessors[size] = predecessor;
    table[slot] = size;
    size++;
    if (4 * size > table.length) {
      grow();
    }
    return size - 1;
  }

  private int find(long one, long other) {
    long hash = (one * MIX ^ other) * MIX;
    int slot = (int) (hash >>> 32) & (table.length - 1);
    while (table[slot] >= 0 && (packed[table[slot]] != one || numbers[table[slot]] != other)) {
      slot = (slot + 1) & (table.length - 1);
    }
    return slot;
  }

  private void grow() {
    table = new int[2 * table.length];
    Arrays.fill(table, -1);
    for (int i = 0; i < size; i++) {
      table[find(packed[i], numbers[i])] = i;
    }
  }

  World get(int index) {
    return World.unpacked(packed[index], numbers[index]);
  }

  int predecessor(int index) {
    return predecessors[index];
  }

  int size() {
    return size;
  }
}

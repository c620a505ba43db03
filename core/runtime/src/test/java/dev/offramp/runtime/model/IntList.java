package dev.offramp.runtime.model;

import java.util.Arrays;

/** Numbers, millions of them. */
final class IntList {
  private int[] items = new int[1024];
  private int size;

  void add(int item) {
    if (size == items.length) {
      items = Arrays.copyOf(items, 2 * size);
    }
    items[size++] = item;
  }

  int get(int index) {
    return items[index];
  }

  int size() {
    return size;
  }
}

package dev.offramp.models;

import java.nio.ByteBuffer;

/** Bytes in order, in a fixed amount of memory. Not safe for use by several threads. */
final class ByteRing {
  private final byte[] bytes;
  private int first;
  private int size;

  ByteRing(int capacity) {
    bytes = new byte[capacity];
  }

  int size() {
    return size;
  }

  int room() {
    return bytes.length - size;
  }

  /** Takes as much as fits; returns how much. */
  int put(ByteBuffer from) {
    int count = Math.min(from.remaining(), room());
    int at = (first + size) % bytes.length;
    int run = Math.min(count, bytes.length - at);
    from.get(bytes, at, run);
    from.get(bytes, 0, count - run);
    size += count;
    return count;
  }

  /** Copies {@code count} bytes from {@code offset} behind the first one. */
  byte[] copy(int offset, int count) {
    byte[] copy = new byte[count];
    int at = (first + offset) % bytes.length;
    int run = Math.min(count, bytes.length - at);
    System.arraycopy(bytes, at, copy, 0, run);
    System.arraycopy(bytes, 0, copy, run, count - run);
    return copy;
  }

  /** Moves as much as there is room for; returns how much. */
  int take(ByteBuffer to) {
    int count = Math.min(to.remaining(), size);
    int run = Math.min(count, bytes.length - first);
    to.put(bytes, first, run);
    to.put(bytes, 0, count - run);
    drop(count);
    return count;
  }

  void drop(int count) {
    first = (first + count) % bytes.length;
    size -= count;
  }
}

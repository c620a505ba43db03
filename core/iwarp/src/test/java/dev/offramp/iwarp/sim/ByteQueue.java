package dev.offramp.iwarp.sim;

import java.util.Arrays;

/** Bytes, first in, first out. */
final class ByteQueue {
  private byte[] bytes = new byte[1024];
  private int head;
  private int tail;

  int size() {
    return tail - head;
  }

  void add(byte[] from, int offset, int count) {
    if (bytes.length - tail < count) {
      byte[] larger = size() + count > bytes.length ? new byte[2 * (size() + count)] : bytes;
      System.arraycopy(bytes, head, larger, 0, size());
      tail -= head;
      head = 0;
      bytes = larger;
    }
    System.arraycopy(from, offset, bytes, tail, count);
    tail += count;
  }

  /** A copy of {@code count} bytes from {@code offset} behind the first one. */
  byte[] peek(int offset, int count) {
    return Arrays.copyOfRange(bytes, head + offset, head + offset + count);
  }

  byte[] take(int count) {
    byte[] taken = peek(0, count);
    drop(count);
    return taken;
  }

  void drop(int count) {
    head += count;
    if (head == tail) {
      head = 0;
      tail = 0;
    }
  }
}

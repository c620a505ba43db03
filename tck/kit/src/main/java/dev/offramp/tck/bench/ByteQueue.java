package dev.offramp.tck.bench;

import java.util.Arrays;

/** Octets in order: appended at one end, taken from the other. */
final class ByteQueue {
  private byte[] octets = new byte[1024];
  private int head;
  private int tail;

  int size() {
    return tail - head;
  }

  void add(byte[] more) {
    if (tail + more.length > octets.length) {
      byte[] target =
          size() + more.length > octets.length ? new byte[2 * (size() + more.length)] : octets;
      System.arraycopy(octets, head, target, 0, size());
      tail -= head;
      head = 0;
      octets = target;
    }
    System.arraycopy(more, 0, octets, tail, more.length);
    tail += more.length;
  }

  byte[] take(int count) {
    byte[] taken = Arrays.copyOfRange(octets, head, head + count);
    head += count;
    return taken;
  }

  byte[] peek() {
    return Arrays.copyOfRange(octets, head, tail);
  }
}

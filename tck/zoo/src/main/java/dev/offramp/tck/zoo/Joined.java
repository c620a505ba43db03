package dev.offramp.tck.zoo;

import java.util.Arrays;
import java.util.List;

/** Joins two untagged segments of one message, and moves their border. */
final class Joined {
  private final int bytes;
  private byte[] held = {};

  /**
   * Nothing is held.
   *
   * @param bytes how long the first of two is made
   */
  Joined(int bytes) {
    this.bytes = bytes;
  }

  List<byte[]> next(byte[] ulpdu) {
    byte[] first = held;
    if (first.length == 0) {
      boolean isLong = ulpdu.length > bytes - 1000 && ulpdu.length < bytes;
      if (isLong && Segment.queue(ulpdu) == 0 && !Segment.isLast(ulpdu)) {
        held = ulpdu;
        return List.of();
      }
      return List.of(ulpdu);
    }
    held = new byte[0];
    int header = Segment.UNTAGGED_BYTES;
    int moved = Math.min(bytes - first.length, ulpdu.length - header);
    byte[] joined = Arrays.copyOf(first, first.length + moved);
    System.arraycopy(ulpdu, header, joined, first.length, moved);
    if (header + moved == ulpdu.length) {
      return List.of(Segment.withOctet(joined, 0, ulpdu[0]));
    }
    byte[] rest = Arrays.copyOf(ulpdu, ulpdu.length - moved);
    System.arraycopy(ulpdu, header + moved, rest, header, rest.length - header);
    return List.of(joined, Segment.plus(rest, Segment.OFFSET, moved));
  }
}

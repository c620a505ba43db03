package dev.offramp.tck.zoo;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Cuts a segment into several right ones. */
final class Recut {
  private Recut() {}

  /**
   * Segments of at most {@code most} octets.
   *
   * @throws IllegalArgumentException when that leaves nothing for the payload
   */
  static List<byte[]> to(byte[] ulpdu, int most) {
    int header = Segment.headerBytes(ulpdu);
    if (most <= header) {
      throw new IllegalArgumentException(
          "seen [%d] octets at most, expected more than the header's %d".formatted(most, header));
    }
    List<byte[]> pieces = new ArrayList<>();
    int payload = ulpdu.length - header;
    int at = 0;
    do {
      int count = Math.min(most - header, payload - at);
      byte[] piece = Arrays.copyOf(ulpdu, header + count);
      System.arraycopy(ulpdu, header + at, piece, header, count);
      if (Segment.isTagged(ulpdu)) {
        ByteBuffer bytes = ByteBuffer.wrap(piece);
        bytes.putLong(Segment.TAGGED_OFFSET, bytes.getLong(Segment.TAGGED_OFFSET) + at);
      } else {
        piece = Segment.plus(piece, Segment.OFFSET, at);
      }
      if (at + count < payload) {
        piece[0] &= ~0x40;
      }
      pieces.add(piece);
      at += count;
    } while (at < payload);
    return pieces;
  }
}

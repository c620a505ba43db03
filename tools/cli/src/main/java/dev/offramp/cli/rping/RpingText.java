package dev.offramp.cli.rping;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The text of a ping, as stock rping makes it: a head, then letters, then a NUL. */
final class RpingText {
  private static final int FIRST_LETTER = 'A';
  private static final int LAST_LETTER = 'z';
  private static final int LETTERS = LAST_LETTER - FIRST_LETTER + 1;

  private RpingText() {}

  /** Fills the whole segment with the text of ping number {@code ping}, counted from 0. */
  static void write(MemorySegment buffer, int ping) {
    byte[] head = ("rdma-ping-" + ping + ": ").getBytes(StandardCharsets.US_ASCII);
    long last = buffer.byteSize() - 1;
    for (long i = 0; i < last; i++) {
      byte letter =
          i < head.length
              ? head[(int) i]
              : (byte) (FIRST_LETTER + (ping + i - head.length) % LETTERS);
      buffer.set(ValueLayout.JAVA_BYTE, i, letter);
    }
    buffer.set(ValueLayout.JAVA_BYTE, last, (byte) 0);
  }

  /** The text up to the NUL. */
  static String read(MemorySegment buffer, long lengthBytes) {
    long end = 0;
    while (end < lengthBytes && buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    byte[] text = buffer.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    return new String(text, StandardCharsets.ISO_8859_1);
  }
}

package dev.offramp.iwarp.mpa;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;

/**
 * Memory that FPDUs carry without a copy. Views are lent for as long as the bytes are on their way
 * to TCP, and come back one by one, so that an owner can keep them and need not allocate.
 */
public interface PayloadMemory {
  /**
   * Lends a view of {@code length} bytes at {@code offset}; position and limit enclose them. A view
   * may be shorter than asked for, but never empty unless {@code length} is 0.
   */
  ByteBuffer lend(long offset, int length);

  /** Copies {@code length} bytes at {@code offset} to {@code at} of {@code target}. */
  default void copy(long offset, MemorySegment target, long at, int length) {
    int done = 0;
    while (done < length) {
      long from = offset + done;
      ByteBuffer view = lend(from, length - done);
      int count = view.remaining();
      MemorySegment.copy(MemorySegment.ofBuffer(view), 0, target, at + done, count);
      takeBack(view, from);
      done += count;
    }
  }

  /** Takes a view back that was lent for {@code offset}. */
  void takeBack(ByteBuffer view, long offset);
}

package dev.offramp.iwarp.mpa;

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

  /** Takes a view back that was lent for {@code offset}. */
  void takeBack(ByteBuffer view, long offset);
}

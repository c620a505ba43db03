package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * A message from the chip: opcode 31:24 and tid 23:0, then what its kind says (t4_msg.h {@code
 * opcode_tid}).
 */
public abstract class CplMessage extends Flyweight {
  private final int opcode;
  private final int sizeBytes;

  /**
   * A kind of message.
   *
   * @param opcode its number
   * @param sizeBytes how long it is
   */
  CplMessage(int opcode, int sizeBytes) {
    this.opcode = opcode;
    this.sizeBytes = sizeBytes;
  }

  /** The opcode that a message of this kind has. */
  public final int expectedOpcode() {
    return opcode;
  }

  /** How long a message of this kind is. */
  public final int sizeBytes() {
    return sizeBytes;
  }

  /** Lays it over a message. */
  public final void at(MemorySegment segment, long offset) {
    over(segment, offset);
  }

  public final int opcode() {
    return u8(0);
  }

  /** The connection, or whatever else the number means in this kind of message. */
  public final int tid() {
    return Cpl.TID.from(be32(0));
  }
}

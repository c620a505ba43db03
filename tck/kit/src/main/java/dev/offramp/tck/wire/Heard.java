package dev.offramp.tck.wire;

import dev.offramp.api.descriptor.Octets;

/**
 * A whole message that was heard.
 *
 * @param opcode its kind, as in {@link Ddp}
 * @param queue its queue; -1 when tagged
 * @param msn its MSN; 0 when tagged
 * @param stag the STag of a tagged message, or the one to invalidate
 * @param taggedOffset where a tagged message begins
 * @param payload what follows the DDP header, all segments together
 * @param segments in how many FPDUs it came
 * @param longestUlpduBytes the longest of them
 */
public record Heard(
    int opcode,
    int queue,
    int msn,
    int stag,
    long taggedOffset,
    Octets payload,
    int segments,
    int longestUlpduBytes) {

  /** Four octets of the payload. */
  public int word(int offset) {
    return payload.asByteBuffer().getInt(offset);
  }

  /** Eight octets of the payload. */
  public long doubleWord(int offset) {
    return payload.asByteBuffer().getLong(offset);
  }

  /** A Terminate's triple, {@code 0x1102} for 1/1/02; -1 when this is none. */
  public int terminateTriple() {
    return opcode == Ddp.TERMINATE && payload.length() >= 4 ? word(0) >>> 16 : -1;
  }

  @Override
  public String toString() {
    String where =
        queue < 0
            ? "STag %08x offset %#x".formatted(stag, taggedOffset)
            : "queue %d MSN %d".formatted(queue, Integer.toUnsignedLong(msn));
    return "%s, %s, %d octets in %d FPDU"
        .formatted(Ddp.name(opcode), where, payload.length(), segments);
  }
}

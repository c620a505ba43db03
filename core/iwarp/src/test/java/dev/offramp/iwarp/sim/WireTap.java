package dev.offramp.iwarp.sim;

import dev.offramp.api.mpa.MpaRole;
import dev.offramp.api.mpa.RtrKind;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Reads one direction of an iWARP stream octet by octet, with nothing of the engine's: what it
 * counts is what the invariants are about.
 */
final class WireTap {
  private static final int MARKER_SPACING = 512;
  private static final int MARKER_BYTES = 4;
  private static final int MAX_FPDU_BYTES = 70_000;
  private static final int QUEUES = 4;
  private static final int TERMINATE_QUEUE = 2;

  private final boolean crc;
  private final boolean markers;
  private final MpaRole sender;
  private final RtrKind rtr;
  private int mulpduBytes;

  private final ByteBuffer raw = ByteBuffer.allocate(MAX_FPDU_BYTES);
  private final ByteBuffer content = ByteBuffer.allocate(MAX_FPDU_BYTES);
  private long octets;
  private long lengthFieldAt;
  private final int[] msn = new int[QUEUES];
  private final long[] messageOffset = new long[QUEUES];

  private long fpdus;
  private long messages;
  private long requests;
  private long responses;
  private boolean terminated;

  WireTap(MpaRole sender, boolean crc, boolean markers, RtrKind rtr, int firstMsn) {
    Arrays.fill(msn, firstMsn);
    msn[TERMINATE_QUEUE] = 1;
    this.sender = sender;
    this.crc = crc;
    this.markers = markers;
    this.rtr = rtr;
  }

  /** The sender's EMSS; while it changes, the larger one counts. */
  void emss(int emss) {
    int markerBytes = markers ? MARKER_BYTES * ((emss + MARKER_SPACING - 1) / MARKER_SPACING) : 0;
    mulpduBytes = Math.max(mulpduBytes, Math.max(128, emss - 6 - markerBytes - emss % 4));
  }

  long fpdus() {
    return fpdus;
  }

  /** Whole messages of the Send family, immediate data and Writes, without the indication. */
  long messages() {
    return messages;
  }

  /** Read and Atomic Requests. */
  long requests() {
    return requests;
  }

  /** Whole Read and Atomic Responses. */
  long responses() {
    return responses;
  }

  boolean isTerminated() {
    return terminated;
  }

  void accept(byte[] bytes) {
    for (byte octet : bytes) {
      accept(octet);
    }
  }

  private void accept(byte octet) {
    raw.put(octet);
    boolean marker = markers && octets % MARKER_SPACING < MARKER_BYTES;
    if (marker) {
      if (octets % MARKER_SPACING == MARKER_BYTES - 1) {
        checkMarker();
      }
    } else {
      if (content.position() == 0) {
        lengthFieldAt = octets;
      }
      content.put(octet);
    }
    octets++;
    if (!marker && content.position() >= 2 && content.position() == contentBytes()) {
      checkFpdu();
      raw.clear();
      content.clear();
    }
  }

  private int ulpduBytes() {
    return content.getShort(0) & 0xFFFF;
  }

  private int contentBytes() {
    int unpadded = 2 + ulpduBytes();
    return unpadded + (4 - unpadded % 4) % 4 + 4;
  }

  private void checkMarker() {
    long at = octets - (MARKER_BYTES - 1);
    long expected = content.position() == 0 ? 0 : at - lengthFieldAt;
    int seen = raw.getInt(raw.position() - MARKER_BYTES);
    Invariant.FRAMING.require(seen == (int) expected, "marker " + seen + " at octet " + at);
  }

  private void checkFpdu() {
    int length = ulpduBytes();
    int at = raw.position() - 4;
    if (crc) {
      CRC32C sum = new CRC32C();
      sum.update(raw.array(), 0, at);
      Invariant.FRAMING.require(
          Integer.reverseBytes((int) sum.getValue()) == raw.getInt(at), "CRC of FPDU " + fpdus);
    }
    for (int i = 2 + length; i < content.position() - 4; i++) {
      Invariant.FRAMING.require(content.get(i) == 0, "a pad that is not zero");
    }
    Invariant.FRAMING.require(
        length <= mulpduBytes, "a ULPDU of " + length + " bytes, MULPDU " + mulpduBytes);
    Invariant.ONE_TERMINATE.require(!terminated, "an FPDU after the Terminate");
    fpdus++;
    boolean indication =
        fpdus == 1 && sender == MpaRole.INITIATOR && rtr != RtrKind.NONE && !isTerminate();
    if (indication) {
      checkIndication(length);
    }
    checkUlpdu(length, indication);
  }

  private boolean isTerminate() {
    return (content.get(3) & 0x0F) == 7;
  }

  private void checkIndication(int length) {
    int opcode = content.get(3) & 0x0F;
    boolean right =
        switch (rtr) {
          case SEND -> opcode == 3 && length == 18;
          case WRITE -> opcode == 0 && length == 14;
          case READ -> opcode == 1 && length == 46 && content.getInt(2 + 18 + 12) == 0;
          case NONE -> true;
        };
    Invariant.RTR_FIRST.require(right, "opcode " + opcode + " with " + length + " bytes");
  }

  private void checkUlpdu(int length, boolean indication) {
    boolean tagged = (content.get(2) & 0x80) != 0;
    boolean last = (content.get(2) & 0x40) != 0;
    int opcode = content.get(3) & 0x0F;
    if (!tagged) {
      checkNumbers(length - 18, last);
    }
    if (!last) {
      return;
    }
    switch (opcode) {
      case 0, 3, 4, 5, 6, 8, 9 -> messages += indication ? 0 : 1;
      case 1, 10 -> requests++;
      case 2, 11 -> responses++;
      case 7 -> terminated = true;
      default -> throw new Violation(Invariant.FRAMING, "opcode " + opcode);
    }
  }

  private void checkNumbers(int payload, boolean last) {
    int queue = content.getInt(2 + 6);
    int number = content.getInt(2 + 10);
    int offset = content.getInt(2 + 14);
    Invariant.MSN_SEQUENCE.require(
        number == msn[queue] && offset == messageOffset[queue],
        "queue "
            + queue
            + ", MSN "
            + number
            + ", offset "
            + offset
            + "; expected "
            + msn[queue]
            + ", "
            + messageOffset[queue]);
    messageOffset[queue] = last ? 0 : messageOffset[queue] + payload;
    if (last) {
      msn[queue]++;
    }
  }
}

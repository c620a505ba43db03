package dev.offramp.tck.wire;

import java.nio.ByteBuffer;

/** DDP segments and RDMAP headers, octet by octet (RFC 5041, section 4; RFC 5040, section 4). */
public final class Ddp {
  public static final int TAGGED_BYTES = 14;
  public static final int UNTAGGED_BYTES = 18;
  public static final int READ_REQUEST_BYTES = 28;
  public static final int ATOMIC_REQUEST_BYTES = 52;
  public static final int ATOMIC_RESPONSE_BYTES = 12;

  public static final int TAGGED = 0x80;
  public static final int LAST = 0x40;
  public static final int DDP_VERSION = 1;

  /** RDMAP version 1 in the two high bits of the control octet. */
  public static final int RDMAP_VERSION = 0x40;

  public static final int WRITE = 0;
  public static final int READ_REQUEST = 1;
  public static final int READ_RESPONSE = 2;
  public static final int SEND = 3;
  public static final int SEND_INVALIDATE = 4;
  public static final int SEND_SE = 5;
  public static final int SEND_SE_INVALIDATE = 6;
  public static final int TERMINATE = 7;
  public static final int IMMEDIATE = 8;
  public static final int IMMEDIATE_SE = 9;
  public static final int ATOMIC_REQUEST = 10;
  public static final int ATOMIC_RESPONSE = 11;

  public static final int SEND_QUEUE = 0;
  public static final int REQUEST_QUEUE = 1;
  public static final int TERMINATE_QUEUE = 2;
  public static final int ATOMIC_RESPONSE_QUEUE = 3;

  private static final String[] NAMES = {
    "RDMA Write",
    "Read Request",
    "Read Response",
    "Send",
    "Send with Invalidate",
    "Send with SE",
    "Send with SE and Invalidate",
    "Terminate",
    "Immediate Data",
    "Immediate Data with SE",
    "Atomic Request",
    "Atomic Response"
  };

  private Ddp() {}

  /** For messages. */
  public static String name(int opcode) {
    return opcode < NAMES.length ? NAMES[opcode] : "opcode %#x".formatted(opcode);
  }

  /** Whether the message of this kind travels in tagged segments. */
  public static boolean isTagged(int opcode) {
    return opcode == WRITE || opcode == READ_RESPONSE;
  }

  public static boolean isSend(int opcode) {
    return opcode >= SEND && opcode <= SEND_SE_INVALIDATE;
  }

  public static boolean isImmediate(int opcode) {
    return opcode == IMMEDIATE || opcode == IMMEDIATE_SE;
  }

  public static boolean invalidates(int opcode) {
    return opcode == SEND_INVALIDATE || opcode == SEND_SE_INVALIDATE;
  }

  /** The queue of an untagged kind; -1 for a tagged one. */
  public static int queueOf(int opcode) {
    return switch (opcode) {
      case SEND, SEND_INVALIDATE, SEND_SE, SEND_SE_INVALIDATE, IMMEDIATE, IMMEDIATE_SE ->
          SEND_QUEUE;
      case READ_REQUEST, ATOMIC_REQUEST -> REQUEST_QUEUE;
      case TERMINATE -> TERMINATE_QUEUE;
      case ATOMIC_RESPONSE -> ATOMIC_RESPONSE_QUEUE;
      default -> -1;
    };
  }

  /** A tagged segment. */
  public static byte[] tagged(
      int ddpControl, int rdmapControl, int stag, long taggedOffset, byte[] payload) {
    return ByteBuffer.allocate(TAGGED_BYTES + payload.length)
        .put((byte) ddpControl)
        .put((byte) rdmapControl)
        .putInt(stag)
        .putLong(taggedOffset)
        .put(payload)
        .array();
  }

  /** An untagged segment. */
  public static byte[] untagged(
      int ddpControl,
      int rdmapControl,
      int ulpWord,
      int queue,
      int msn,
      int offset,
      byte[] payload) {
    return ByteBuffer.allocate(UNTAGGED_BYTES + payload.length)
        .put((byte) ddpControl)
        .put((byte) rdmapControl)
        .putInt(ulpWord)
        .putInt(queue)
        .putInt(msn)
        .putInt(offset)
        .put(payload)
        .array();
  }

  /** What follows the DDP header of a Read Request (RFC 5040, section 4.4). */
  public static byte[] readRequest(
      int sinkStag, long sinkOffset, int size, int sourceStag, long sourceOffset) {
    return ByteBuffer.allocate(READ_REQUEST_BYTES)
        .putInt(sinkStag)
        .putLong(sinkOffset)
        .putInt(size)
        .putInt(sourceStag)
        .putLong(sourceOffset)
        .array();
  }

  /** What follows the DDP header of an Atomic Request (RFC 7306, section 5.2.1). */
  public static byte[] atomicRequest(
      int operation,
      int request,
      int stag,
      long taggedOffset,
      long data,
      long mask,
      long compare,
      long compareMask) {
    return ByteBuffer.allocate(ATOMIC_REQUEST_BYTES)
        .putInt(operation)
        .putInt(request)
        .putInt(stag)
        .putLong(taggedOffset)
        .putLong(data)
        .putLong(mask)
        .putLong(compare)
        .putLong(compareMask)
        .array();
  }
}

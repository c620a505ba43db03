package dev.offramp.iwarp.rdmap;

/**
 * RDMAP's control octet (RFC 5040, section 4.1; RFC 7306, section 4.1).
 *
 * <pre>
 *  0 1 2 3 4 5 6 7
 * +---+---+-------+
 * |RV |Rsv|Opcode |
 * +---+---+-------+
 * </pre>
 */
public final class Opcode {
  public static final int WRITE = 0x0;
  public static final int READ_REQUEST = 0x1;
  public static final int READ_RESPONSE = 0x2;
  public static final int SEND = 0x3;
  public static final int SEND_INVALIDATE = 0x4;
  public static final int SEND_SE = 0x5;
  public static final int SEND_SE_INVALIDATE = 0x6;
  public static final int TERMINATE = 0x7;
  public static final int IMMEDIATE = 0x8;
  public static final int IMMEDIATE_SE = 0x9;
  public static final int ATOMIC_REQUEST = 0xA;
  public static final int ATOMIC_RESPONSE = 0xB;

  /** The queue of the Send family and of immediate data. */
  public static final int SEND_QUEUE = 0;

  /** The queue of Read and Atomic Requests. */
  public static final int REQUEST_QUEUE = 1;

  /** The queue of the Terminate message. */
  public static final int TERMINATE_QUEUE = 2;

  /** The queue of Atomic Responses. */
  public static final int ATOMIC_RESPONSE_QUEUE = 3;

  /** The only version sent; 0 is the RDMA Consortium's. */
  public static final int VERSION = 1;

  private static final int VERSION_SHIFT = 6;
  private static final int OPCODE_MASK = 0x0F;
  private static final int VERSION_MASK = 0x03;

  /** How many opcodes four bits can name. */
  static final int COUNT = 16;

  /** Instead of a queue: the message is tagged. */
  static final int TAGGED = -1;

  /** Instead of a queue: there is no such message. */
  static final int NO_QUEUE = -2;

  private Opcode() {}

  /** The control octet of an opcode, reserved bits zero. */
  public static int control(int opcode) {
    return VERSION << VERSION_SHIFT | opcode;
  }

  public static int version(byte control) {
    return control >> VERSION_SHIFT & VERSION_MASK;
  }

  public static int of(byte control) {
    return control & OPCODE_MASK;
  }

  /** Whether an opcode is a Send, with or without its two options. */
  public static boolean isSend(int opcode) {
    return opcode >= SEND && opcode <= SEND_SE_INVALIDATE;
  }

  public static boolean isImmediate(int opcode) {
    return opcode == IMMEDIATE || opcode == IMMEDIATE_SE;
  }

  /** Whether the message asks for an event at the receiver. */
  public static boolean isSolicited(int opcode) {
    return opcode == SEND_SE || opcode == SEND_SE_INVALIDATE || opcode == IMMEDIATE_SE;
  }

  public static boolean isInvalidating(int opcode) {
    return opcode == SEND_INVALIDATE || opcode == SEND_SE_INVALIDATE;
  }

  /** The opcode of a Send with these options. */
  public static int send(boolean solicited, boolean invalidate) {
    if (invalidate) {
      return solicited ? SEND_SE_INVALIDATE : SEND_INVALIDATE;
    }
    return solicited ? SEND_SE : SEND;
  }

  /** The queue that an opcode's messages go to, {@link #TAGGED} or {@link #NO_QUEUE}. */
  static int queue(int opcode) {
    return switch (opcode) {
      case WRITE, READ_RESPONSE -> TAGGED;
      case SEND, SEND_INVALIDATE, SEND_SE, SEND_SE_INVALIDATE, IMMEDIATE, IMMEDIATE_SE ->
          SEND_QUEUE;
      case READ_REQUEST, ATOMIC_REQUEST -> REQUEST_QUEUE;
      case TERMINATE -> TERMINATE_QUEUE;
      case ATOMIC_RESPONSE -> ATOMIC_RESPONSE_QUEUE;
      default -> NO_QUEUE;
    };
  }
}

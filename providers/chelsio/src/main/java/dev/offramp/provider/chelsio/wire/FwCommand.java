package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * A firmware command in the mailbox, and its answer in the same bytes (t4fw_api.h, {@code
 * fw_cmd_hdr}).
 *
 * <pre>
 *      31   24 23      22   21    20               8 7     0
 *  0  |  op   |request|read|write|exec| parameters         |
 *      31                      16 15     8 7       0
 *  4  |  flags                   | retval | len16  |
 * </pre>
 */
public class FwCommand extends Flyweight {
  /** The mailbox's data registers. */
  public static final int MAX_BYTES = 64;

  public static final int FW_RESET_CMD = 0x03;
  public static final int FW_HELLO_CMD = 0x04;
  public static final int FW_BYE_CMD = 0x05;
  public static final int FW_INITIALIZE_CMD = 0x06;
  public static final int FW_CAPS_CONFIG_CMD = 0x07;
  public static final int FW_PARAMS_CMD = 0x08;
  public static final int FW_IQ_CMD = 0x10;
  public static final int FW_EQ_CTRL_CMD = 0x13;
  public static final int FW_VI_CMD = 0x14;
  public static final int FW_VI_MAC_CMD = 0x15;
  public static final int FW_VI_RXMODE_CMD = 0x16;
  public static final int FW_VI_ENABLE_CMD = 0x17;
  public static final int FW_PORT_CMD = 0x1B;
  public static final int FW_EQ_OFLD_CMD = 0x21;
  public static final int FW_CLIP_CMD = 0x28;

  /** Not an answer: the firmware says that it has failed an assertion. */
  public static final int FW_DEBUG_CMD = 0x81;

  static final int READ = 1 << 22;
  static final int WRITE = 1 << 21;
  static final int EXEC = 1 << 20;

  private static final Bits OP = new Bits("FW_CMD_OP", 24, 8);
  private static final Bits REQUEST = Bits.flag("FW_CMD_REQUEST", 23);
  private static final Bits RETVAL = new Bits("FW_CMD_RETVAL", 8, 8);
  private static final Bits LEN16 = new Bits("FW_CMD_LEN16", 0, 8);

  private int sizeBytes;

  /** Lies over nothing yet. */
  public FwCommand() {}

  /**
   * Begins a command, all other fields zero.
   *
   * @param access {@link #READ}, {@link #WRITE}, {@link #EXEC}
   * @param parameters of the first word
   * @param flags of the second word
   */
  final void begin(
      MemorySegment buffer, int opcode, int access, int parameters, int flags, int bytes) {
    over(buffer, 0);
    zero(bytes);
    sizeBytes = bytes;
    putBe32(0, OP.int32(opcode) | REQUEST.int32(true) | access | parameters);
    putBe32(4, flags | LEN16.int32(Wr.len16(bytes)));
  }

  /** The command's length. */
  public final int sizeBytes() {
    return sizeBytes;
  }

  /** The command that this is, or the one that an answer belongs to. */
  public final int opcode() {
    return OP.from(be32(0));
  }

  /** An answer's verdict: {@link FwError}. */
  public final int retval() {
    return RETVAL.from(be32(4));
  }

  /** The memory of command and answer. */
  public final MemorySegment buffer() {
    return memory();
  }
}

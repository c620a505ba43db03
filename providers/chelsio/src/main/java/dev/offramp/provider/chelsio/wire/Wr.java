package dev.offramp.provider.chelsio.wire;

/**
 * The header of every firmware work request, and the opcodes of those in use (t4fw_api.h, {@code
 * enum fw_wr_opcodes}, {@code FW_WR_*}).
 *
 * <pre>
 *      31      24 23     22    21     20         8 7       0
 *  0  |  op      |atomic|flush|compl |            |immdlen  |
 *      31    30   29  28 27                      8 7       0
 *  4  |equiq|equeq|     |        flowid           | len16   |
 * </pre>
 *
 * The flow id is the connection's tid; len16 counts units of 16 bytes, rounded up.
 */
public final class Wr {
  public static final int FW_ULPTX_WR = 0x04;
  public static final int FW_TP_WR = 0x05;
  public static final int FW_FLOWC_WR = 0x0A;
  public static final int FW_OFLD_TX_DATA_WR = 0x0B;
  public static final int FW_RI_RES_WR = 0x0C;
  public static final int FW_RI_INIT_WR = 0x0D;
  public static final int FW_RI_RDMA_WRITE_WR = 0x14;
  public static final int FW_RI_SEND_WR = 0x15;
  public static final int FW_RI_RDMA_READ_WR = 0x16;
  public static final int FW_RI_RECV_WR = 0x17;
  public static final int FW_RI_INV_LSTAG_WR = 0x1A;
  public static final int FW_OFLD_CONNECTION_WR = 0x2F;

  /** The unit of the length field. */
  public static final int UNIT_BYTES = 16;

  static final Bits FW_WR_OP = new Bits("FW_WR_OP", 24, 8);
  static final Bits FW_WR_COMPL = Bits.flag("FW_WR_COMPL", 21);
  static final Bits FW_WR_IMMDLEN = new Bits("FW_WR_IMMDLEN", 0, 8);
  static final Bits FW_WR_FLOWID = new Bits("FW_WR_FLOWID", 8, 20);
  static final Bits FW_WR_LEN16 = new Bits("FW_WR_LEN16", 0, 8);

  private Wr() {}

  /** A length in units of 16 bytes, rounded up. */
  public static int len16(long sizeBytes) {
    return (int) ((sizeBytes + UNIT_BYTES - 1) / UNIT_BYTES);
  }

  static int op(int opcode) {
    return FW_WR_OP.int32(opcode);
  }

  static int flow(int tid, long sizeBytes) {
    return FW_WR_FLOWID.int32(tid) | FW_WR_LEN16.int32(len16(sizeBytes));
  }
}

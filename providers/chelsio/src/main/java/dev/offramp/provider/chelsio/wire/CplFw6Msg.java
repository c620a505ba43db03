package dev.offramp.provider.chelsio.wire;

/**
 * CPL_FW6_MSG: a message of the firmware (t4_msg.h {@code cpl_fw6_msg}).
 *
 * <pre>
 *  0  opcode   1  type   8  data (32 bytes):
 *
 * 1, answer to a work request       8 result in bits 15:8 of a flit  16 cookie (host order)
 * 2, an error completion            8 the first half of a CQE: {@link Cqe}
 * 3, answer to FW_OFLD_CONNECTION_WR  8 cookie (host order)  16 tid  20 t_state  21 retval
 * </pre>
 */
public final class CplFw6Msg extends CplMessage {
  /** Lies over no message yet. */
  public CplFw6Msg() {
    super(Cpl.CPL_FW6_MSG, 40);
  }

  public static final int TYPE_CMD_RPL = 0;
  public static final int TYPE_WR_RPL = 1;
  public static final int TYPE_CQE = 2;
  public static final int TYPE_OFLD_CONNECTION_WR_RPL = 3;

  /** Where a type 2 message has its completion. */
  public static final int CQE_OFFSET = 8;

  /** How much of it: the half without timestamp. */
  public static final int CQE_BYTES = 32;

  private static final Bits WR_RESULT = new Bits("result", 8, 8);

  public int type() {
    return u8(1);
  }

  /** Type 1: {@link FwError}. */
  public int wrResult() {
    return (int) WR_RESULT.from(be64(8));
  }

  /** Type 1: what the work request said. */
  public long wrCookie() {
    return le64(16);
  }

  /** Type 3: what the work request said. */
  public long connectionCookie() {
    return le64(8);
  }

  /** Type 3: the connection, or its atid when it failed. */
  public int connectionTid() {
    return be32(16);
  }

  /** Type 3: the TCP state. */
  public int connectionState() {
    return u8(20);
  }

  /** Type 3: {@link FwError}. */
  public int connectionRetval() {
    return u8(21);
  }
}

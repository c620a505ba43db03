package dev.offramp.provider.chelsio.wire;

/**
 * CPL_L2T_WRITE_RPL and CPL_SMT_WRITE_RPL, which has the same layout: an entry of a table has been
 * written (t4_msg.h {@code cpl_l2t_write_rpl}).
 *
 * <pre>
 *  0  ot (the tid field is that of the request)   4  status
 * </pre>
 */
public final class CplTableRpl extends CplMessage {
  /** Lies over no message yet. */
  public CplTableRpl() {
    super(Cpl.CPL_L2T_WRITE_RPL, 8);
  }

  public int status() {
    return u8(4);
  }
}

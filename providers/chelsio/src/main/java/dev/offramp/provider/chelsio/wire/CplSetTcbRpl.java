package dev.offramp.provider.chelsio.wire;

/**
 * CPL_SET_TCB_RPL: bits of a control block have been changed (t4_msg.h {@code cpl_set_tcb_rpl}).
 *
 * <pre>
 *  0  ot   6  cookie   7  status   8  oldval
 * </pre>
 */
public final class CplSetTcbRpl extends CplMessage {
  /** Lies over no message yet. */
  public CplSetTcbRpl() {
    super(Cpl.CPL_SET_TCB_RPL, 16);
  }

  /** As it stood in the request: cookie 7:5, word 4:0. */
  public int cookie() {
    return u8(6);
  }

  public int status() {
    return u8(7);
  }

  /** What stood there before. */
  public long oldVal() {
    return be64(8);
  }
}

package dev.offramp.provider.chelsio.wire;

/**
 * CPL_CLOSE_CON_RPL: the FIN that the host asked for is acknowledged (t4_msg.h {@code
 * cpl_close_con_rpl}).
 *
 * <pre>
 *  0  ot   7  status   8  snd_nxt   12  rcv_nxt
 * </pre>
 */
public final class CplCloseConRpl extends CplMessage {
  /** Lies over no message yet. */
  public CplCloseConRpl() {
    super(Cpl.CPL_CLOSE_CON_RPL, 16);
  }

  public int status() {
    return u8(7);
  }

  public int sndNxt() {
    return be32(8);
  }

  public int rcvNxt() {
    return be32(12);
  }
}

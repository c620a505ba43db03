package dev.offramp.provider.chelsio.wire;

/**
 * CPL_ACT_ESTABLISH and CPL_PASS_ESTABLISH, which has the same layout: a connection is up (t4_msg.h
 * {@code cpl_act_establish}).
 *
 * <pre>
 *  0  ot   8  tos_atid (or tos_stid): tos 31:24 | atid 23:0
 * 12  mac_idx   14  tcp_opt: mss 15:12 | snd_wscale 11:8 | tstamp 7 | sack 6 | wscale_ok 5
 * 16  snd_isn   20  rcv_isn
 * </pre>
 */
public final class CplEstablish extends CplMessage {
  /** Lies over no message yet. */
  public CplEstablish() {
    super(Cpl.CPL_ACT_ESTABLISH, 24);
  }

  private static final Bits TOS = new Bits("PASS_OPEN_TOS", 24, 8);
  private static final Bits ID = new Bits("PASS_OPEN_TID", 0, 24);

  public int tos() {
    return TOS.from(be32(8));
  }

  /** The atid of an active open, the stid of a passive one. */
  public int openId() {
    return ID.from(be32(8));
  }

  public int macIdx() {
    return be16(12);
  }

  /** {@link TcpOpt}. */
  public int tcpOpt() {
    return be16(14);
  }

  public int sndIsn() {
    return be32(16);
  }

  public int rcvIsn() {
    return be32(20);
  }
}

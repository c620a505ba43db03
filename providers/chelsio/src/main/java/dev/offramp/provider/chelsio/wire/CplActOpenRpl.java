package dev.offramp.provider.chelsio.wire;

/**
 * CPL_ACT_OPEN_RPL: an active open failed, or has made its control block (t4_msg.h {@code
 * cpl_act_open_rpl}).
 *
 * <pre>
 *  0  ot   4  atid_status: atid 31:8 | status 7:0
 * </pre>
 */
public final class CplActOpenRpl extends CplMessage {
  /** Lies over no message yet. */
  public CplActOpenRpl() {
    super(Cpl.CPL_ACT_OPEN_RPL, 8);
  }

  private static final Bits ATID = new Bits("AOPEN_ATID", 8, 24);
  private static final Bits STATUS = new Bits("AOPEN_STATUS", 0, 8);

  public int atid() {
    return ATID.from(be32(4));
  }

  public int status() {
    return STATUS.from(be32(4));
  }
}

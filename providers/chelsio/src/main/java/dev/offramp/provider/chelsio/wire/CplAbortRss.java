package dev.offramp.provider.chelsio.wire;

/**
 * CPL_ABORT_REQ_RSS, by which the chip says that a connection was reset, and CPL_ABORT_RPL_RSS,
 * which answers the host's request and has the same layout (t4_msg.h {@code cpl_abort_req_rss6}; T5
 * leaves the index zero: {@code cpl_abort_req_rss}).
 *
 * <pre>
 *  0  ot   4  srqidx_status: srqidx 31:8 | status 7:0
 * </pre>
 */
public final class CplAbortRss extends CplMessage {
  /** Lies over no message yet. */
  public CplAbortRss() {
    super(Cpl.CPL_ABORT_REQ_RSS, 8);
  }

  private static final Bits SRQIDX = new Bits("ABORT_RSS_SRQIDX", 8, 24);
  private static final Bits STATUS = new Bits("ABORT_RSS_STATUS", 0, 8);

  public int srqIdx() {
    return SRQIDX.from(be32(4));
  }

  public int status() {
    return STATUS.from(be32(4));
  }
}

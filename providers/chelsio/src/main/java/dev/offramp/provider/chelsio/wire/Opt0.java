package dev.offramp.provider.chelsio.wire;

/**
 * The fields of {@code opt0}, the 64-bit option word of a connection (t4_msg.h).
 *
 * <pre>
 *  63    60 59  55 54        53     50 49    48          47    36 35     28
 * | mss_idx|      |keep_alive|wnd_scale|nagle|tcam_bypass| l2t_idx|smac_sel|
 *  27   22 21        12 11     8 7           6  5      4       3      2 1 0
 * | dscp  | rcv_bufsiz |ulp_mode|non_offload|  |delack|no_cong|tx_chan |   |
 * </pre>
 */
public final class Opt0 {
  public static final Bits TX_CHAN = new Bits("TX_CHAN", 2, 2);
  public static final Bits NO_CONG = Bits.flag("NO_CONG", 4);
  public static final Bits DELACK = Bits.flag("DELACK", 5);
  public static final Bits NON_OFFLOAD = Bits.flag("NON_OFFLOAD", 7);
  public static final Bits ULP_MODE = new Bits("ULP_MODE", 8, 4);

  /** In units of 1 KiB. */
  public static final Bits RCV_BUFSIZ = new Bits("RCV_BUFSIZ", 12, 10);

  public static final Bits DSCP = new Bits("DSCP", 22, 6);
  public static final Bits SMAC_SEL = new Bits("SMAC_SEL", 28, 8);
  public static final Bits L2T_IDX = new Bits("L2T_IDX", 36, 12);
  public static final Bits TCAM_BYPASS = Bits.flag("TCAM_BYPASS", 48);
  public static final Bits NAGLE = Bits.flag("NAGLE", 49);
  public static final Bits WND_SCALE = new Bits("WND_SCALE", 50, 4);
  public static final Bits KEEP_ALIVE = Bits.flag("KEEP_ALIVE", 54);
  public static final Bits MSS_IDX = new Bits("MSS_IDX", 60, 4);

  /** {@code ULP_MODE_TCPDDP}: what iw_cxgb4 opens connections with that become RDMA later. */
  public static final int ULP_MODE_TCPDDP = 5;

  private Opt0() {}
}

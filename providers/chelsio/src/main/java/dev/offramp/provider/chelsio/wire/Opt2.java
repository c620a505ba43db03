package dev.offramp.provider.chelsio.wire;

/**
 * The fields of {@code opt2}, the 32-bit option word of a connection (t4_msg.h).
 *
 * <pre>
 *  31            30      29         28           27        26         25    23
 * |t5_opt2_valid|sack_en|tstamps_en|wnd_scale_en|cctrl_ecn|rx_channel|tx_queue|
 *  22          21 20            19 18     17 16 15      14 13         12
 * |rx_fc_valid|  |rx_fc_disable|  |t5_iss|pace |cong_cntrl|rx_coalesce |
 *  11                10              9         0
 * |rx_coalesce_valid|rss_queue_valid| rss_queue |
 * </pre>
 */
public final class Opt2 {
  public static final Bits RSS_QUEUE = new Bits("RSS_QUEUE", 0, 10);
  public static final Bits RSS_QUEUE_VALID = Bits.flag("RSS_QUEUE_VALID", 10);
  public static final Bits RX_COALESCE_VALID = Bits.flag("RX_COALESCE_VALID", 11);
  public static final Bits RX_COALESCE = new Bits("RX_COALESCE", 12, 2);

  /** {@code CONG_ALG_*}: 0 Reno, 1 Tahoe, 2 NewReno, 3 HighSpeed. */
  public static final Bits CONG_CNTRL = new Bits("CONG_CNTRL", 14, 2);

  public static final Bits PACE = new Bits("PACE", 16, 2);
  public static final Bits T5_ISS = Bits.flag("T5_ISS", 18);
  public static final Bits RX_FC_DISABLE = Bits.flag("RX_FC_DISABLE", 20);
  public static final Bits RX_FC_VALID = Bits.flag("RX_FC_VALID", 22);
  public static final Bits TX_QUEUE = new Bits("TX_QUEUE", 23, 3);
  public static final Bits RX_CHANNEL = Bits.flag("RX_CHANNEL", 26);
  public static final Bits CCTRL_ECN = Bits.flag("CCTRL_ECN", 27);
  public static final Bits WND_SCALE_EN = Bits.flag("WND_SCALE_EN", 28);
  public static final Bits TSTAMPS_EN = Bits.flag("TSTAMPS_EN", 29);
  public static final Bits SACK_EN = Bits.flag("SACK_EN", 30);
  public static final Bits T5_OPT_2_VALID = Bits.flag("T5_OPT_2_VALID", 31);

  public static final int CONG_ALG_NEWRENO = 2;

  private Opt2() {}
}

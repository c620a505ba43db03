package dev.offramp.models.chelsio;

/**
 * The 32 bits of options beside {@link Opt0} (t4_msg.h, opt2).
 *
 * <pre>
 * t5_opt2_valid 31 | sack_en 30 | tstamps_en 29 | wnd_scale_en 28 | cctrl_ecn 27 | rx_channel 26
 * tx_queue 25:23 | rx_fc_valid 22 | rx_fc_disable 20 | t5_iss 18 | pace 17:16 | cong_cntrl 15:14
 * rx_coalesce 13:12 | rx_coalesce_valid 11 | rss_queue_valid 10 | rss_queue 9:0
 * </pre>
 */
record Opt2(
    boolean valid,
    boolean sack,
    boolean timestamps,
    boolean windowScaling,
    boolean ecn,
    int rxChannel,
    int txQueue,
    boolean flowControlValid,
    boolean flowControlDisable,
    boolean initialSequenceGiven,
    int pace,
    int congestionControl,
    int coalesce,
    boolean coalesceValid,
    boolean rssQueueValid,
    int rssQueue) {
  static Opt2 of(int word) {
    return new Opt2(
        Be.bit(word, 31),
        Be.bit(word, 30),
        Be.bit(word, 29),
        Be.bit(word, 28),
        Be.bit(word, 27),
        Be.bits(word, 26, 1),
        Be.bits(word, 23, 3),
        Be.bit(word, 22),
        Be.bit(word, 20),
        Be.bit(word, 18),
        Be.bits(word, 16, 2),
        Be.bits(word, 14, 2),
        Be.bits(word, 12, 2),
        Be.bit(word, 11),
        Be.bit(word, 10),
        Be.bits(word, 0, 10));
  }
}

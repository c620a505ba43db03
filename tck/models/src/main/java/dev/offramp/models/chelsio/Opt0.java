package dev.offramp.models.chelsio;

/**
 * The 64 bits of options that most commands which make a TCB carry (t4_msg.h, opt0).
 *
 * <pre>
 * mss_idx 63:60 | keep_alive 54 | wnd_scale 53:50 | nagle 49 | tcam_bypass 48 | l2t_idx 47:36
 * smac_sel 35:28 | dscp 27:22 | rcv_bufsiz 21:12 | ulp_mode 11:8 | non_offload 7 | delack 5
 * no_cong 4 | tx_chan 3:2
 * </pre>
 *
 * @param receiveBufferKib in units of 1 KiB
 * @param windowScale of the window that this end advertises
 */
record Opt0(
    int mssIndex,
    boolean keepAlive,
    int windowScale,
    boolean nagle,
    boolean tcamBypass,
    int l2tIndex,
    int smacSelect,
    int dscp,
    int receiveBufferKib,
    int ulpMode,
    boolean nonOffload,
    boolean delayedAck,
    boolean noCongestionControl,
    int txChannel) {
  static final int MODE_NONE = 0;
  static final int MODE_RDMA = 4;
  static final int MODE_TCPDDP = 5;

  static Opt0 of(long word) {
    return new Opt0(
        Be.bits(word, 60, 4),
        Be.bit(word, 54),
        Be.bits(word, 50, 4),
        Be.bit(word, 49),
        Be.bit(word, 48),
        Be.bits(word, 36, 12),
        Be.bits(word, 28, 8),
        Be.bits(word, 22, 6),
        Be.bits(word, 12, 10),
        Be.bits(word, 8, 4),
        Be.bit(word, 7),
        Be.bit(word, 5),
        Be.bit(word, 4),
        Be.bits(word, 2, 2));
  }
}

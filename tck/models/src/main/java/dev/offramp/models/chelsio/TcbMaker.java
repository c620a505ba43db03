package dev.offramp.models.chelsio;

/** The TCB that firmware makes from a command's options. */
final class TcbMaker {
  private static final int DEFAULT_RETRIES = 8;
  private static final int INITIAL_SEGMENTS = 10;
  private static final int SEGMENT_BYTES = 1460;
  private static final long NO_THRESHOLD = 0xFFF_FFFFL;

  private TcbMaker() {}

  static Tcb of(OfldConnectionWr wr) {
    Tcb tcb = of(wr.opt0(), wr.opt2(), wr.ipv6());
    tcb.set(TcbField.T_STATE, wr.state());
    tcb.set(TcbField.RCV_SCALE, wr.peerScale());
    tcb.set(TcbField.RCV_ADV, wr.peerWindow());
    tcb.set(TcbField.RCV_NXT, wr.receiveNext());
    tcb.set(TcbField.TX_MAX, wr.sendMax());
    return tcb;
  }

  /** Without a state: ch_ktls writes what it needs field by field. */
  static Tcb of(ActOpenReq request) {
    Tcb tcb = of(request.opt0(), request.opt2(), request.ipv6());
    tcb.set(TcbField.TX_MAX, request.initialSequence());
    return tcb;
  }

  private static Tcb of(Opt0 opt0, Opt2 opt2, boolean ipv6) {
    Tcb tcb = new Tcb();
    tcb.set(TcbField.ULP_TYPE, opt0.ulpMode());
    tcb.set(TcbField.L2T_IX, opt0.l2tIndex());
    tcb.set(TcbField.SMAC_SEL, opt0.smacSelect());
    tcb.setFlag(TcbField.Flag.NON_OFFLOAD, opt0.nonOffload());
    tcb.setFlag(TcbField.Flag.KEEPALIVE, opt0.keepAlive());
    tcb.setFlag(TcbField.Flag.DACK, opt0.delayedAck());
    tcb.setFlag(TcbField.Flag.NAGLE, opt0.nagle());
    tcb.setFlag(
        TcbField.Flag.RX_FLOW_CONTROL_DISABLE,
        opt2.flowControlValid() && opt2.flowControlDisable());
    tcb.setFlag(TcbField.Flag.RX_CHANNEL, opt2.rxChannel() != 0);
    tcb.setFlag(TcbField.Flag.TX_CHANNEL0, (opt0.txChannel() & 1) != 0);
    tcb.setFlag(TcbField.Flag.TX_CHANNEL0 + 1, (opt0.txChannel() & 2) != 0);
    for (int i = 0; i < 3; i++) {
      tcb.setFlag(TcbField.Flag.TX_QUEUE + i, Be.bit(opt2.txQueue(), i));
    }
    for (int i = 0; i < 2; i++) {
      tcb.setFlag(TcbField.Flag.CCTRL_SEL0 + i, Be.bit(opt2.congestionControl(), i));
    }
    tcb.setFlag(TcbField.Flag.INIT, true);
    tcb.setFlag(TcbField.Flag.RECV_SCALE, opt2.windowScaling());
    tcb.setFlag(TcbField.Flag.RECV_TSTMP, opt2.timestamps());
    tcb.setFlag(TcbField.Flag.RECV_SACK, opt2.sack());
    tcb.setFlag(TcbField.Flag.IP_VERSION, ipv6);
    tcb.setFlag(TcbField.Flag.CCTRL_ECN, opt2.ecn());
    tcb.set(TcbField.RSS_INFO, opt2.rssQueue());
    tcb.set(TcbField.TOS, opt0.dscp());
    tcb.set(TcbField.MAX_RT, DEFAULT_RETRIES);
    tcb.set(TcbField.T_MAXSEG, opt0.mssIndex());
    tcb.set(TcbField.SND_SCALE, opt2.windowScaling() ? opt0.windowScale() : 0);
    tcb.set(TcbField.SND_CWND, INITIAL_SEGMENTS * SEGMENT_BYTES);
    tcb.set(TcbField.SND_SSTHRESH, NO_THRESHOLD);
    tcb.set(TcbField.RCV_WND, (long) opt0.receiveBufferKib() << 10);
    return tcb;
  }
}

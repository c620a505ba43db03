package dev.offramp.provider.chelsio.wire;

/** The options that SYNs agreed on, in {@link CplEstablish#tcpOpt} (t4_msg.h, {@code TCPOPT_*}). */
public final class TcpOpt {
  public static final Bits WSCALE_OK = Bits.flag("TCPOPT_WSCALE_OK", 5);
  public static final Bits SACK = Bits.flag("TCPOPT_SACK", 6);
  public static final Bits TSTAMP = Bits.flag("TCPOPT_TSTAMP", 7);
  public static final Bits SND_WSCALE = new Bits("TCPOPT_SND_WSCALE", 8, 4);
  public static final Bits MSS = new Bits("TCPOPT_MSS", 12, 4);

  private TcpOpt() {}
}

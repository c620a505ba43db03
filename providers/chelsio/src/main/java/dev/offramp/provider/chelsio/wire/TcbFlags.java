package dev.offramp.provider.chelsio.wire;

/** Bits of {@link TcbField#T_FLAGS}, counted from its least significant one. */
public final class TcbFlags {
  /** The chip leaves the connection's segments to the host. */
  public static final Bits NON_OFFLOAD = Bits.flag("TF_NON_OFFLOAD", 1);

  public static final Bits KEEPALIVE = Bits.flag("TF_KEEPALIVE", 3);

  /** Acknowledgements may be delayed. */
  public static final Bits DACK = Bits.flag("TF_DACK", 4);

  public static final Bits NAGLE = Bits.flag("TF_NAGLE", 7);

  /** Nothing is sent. */
  public static final Bits TX_QUIESCE = Bits.flag("TF_TX_QUIESCE", 14);

  /** What is received is dropped. */
  public static final Bits RX_QUIESCE = Bits.flag("TF_RX_QUIESCE", 15);

  public static final Bits CCTRL_SEL0 = Bits.flag("TF_CCTRL_SEL0", 22);
  public static final Bits CCTRL_SEL1 = Bits.flag("TF_CCTRL_SEL1", 23);
  public static final Bits ACTIVE_OPEN = Bits.flag("TF_ACTIVE_OPEN", 34);

  /** The peer has sent its FIN. */
  public static final Bits PEER_FIN = Bits.flag("TF_PEER_FIN", 43);

  /** Part of an FPDU has been sent. */
  public static final Bits TX_PDU_OUT = Bits.flag("TF_TX_PDU_OUT", 48);

  /** Part of an FPDU has been received. */
  public static final Bits RX_PDU_OUT = Bits.flag("TF_RX_PDU_OUT", 49);

  /** Window scaling is in use. */
  public static final Bits RECV_SCALE = Bits.flag("TF_RECV_SCALE", 52);

  /** Timestamps are in use. */
  public static final Bits RECV_TSTMP = Bits.flag("TF_RECV_TSTMP", 53);

  /** Selective acknowledgement is in use. */
  public static final Bits RECV_SACK = Bits.flag("TF_RECV_SACK", 54);

  public static final Bits IP_VERSION = Bits.flag("TF_IP_VERSION", 58);
  public static final Bits CCTRL_ECN = Bits.flag("TF_CCTRL_ECN", 59);

  /** The chip hands the byte stream through: the host's TCP stays its owner. */
  public static final Bits CORE_BYPASS = Bits.flag("TF_CORE_BYPASS", 63);

  private TcbFlags() {}
}

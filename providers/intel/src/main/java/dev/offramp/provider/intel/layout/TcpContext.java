package dev.offramp.provider.intel.layout;

/**
 * The part of a QP context that is about IP and TCP: the vendor's {@code irdma_tcp_offload_info}.
 * Sequence numbers and windows are unsigned. For one thread.
 */
public final class TcpContext {
  /** {@code IRDMA_TCP_STATE_ESTABLISHED}. */
  public static final int ESTABLISHED = 5;

  /** What the vendor's code gives where it has no measurement: {@code IRDMA_DEFAULT_TTL}. */
  public static final int DEFAULT_TTL = 64;

  /** {@code IRDMA_DEFAULT_RTT_VAR}. */
  public static final int DEFAULT_RTTVAR = 6;

  /** {@code IRDMA_DEFAULT_SS_THRESH}. */
  public static final int DEFAULT_SSTHRESH = 0x3FFF_FFFF;

  /** {@code IRDMA_DEFAULT_REXMIT_THRESH}. */
  public static final int DEFAULT_REXMIT_THRESH = 8;

  private static final int ADDRESS_WORDS = 4;

  public boolean ipv4;
  public boolean noNagle;
  public boolean insertVlanTag;
  public boolean timestamp;
  public boolean dropOutOfOrder;
  public boolean avoidStretchAck;
  public boolean windowScaling;
  public boolean ignoreOptions;
  public boolean ignoreUnsupportedOptions;

  /** 2 bits. */
  public int cwndIncreaseLimit;

  /** 3 bits. */
  public int dupAckThreshold;

  public int ttl;

  /** X722: entry of the MAC table. */
  public int sourceMacIndex;

  public int tos;
  public int localPort;
  public int remotePort;

  /** First octets in word 0; an IPv4 address is word 3. */
  public final int[] remoteAddress = new int[ADDRESS_WORDS];

  public final int[] localAddress = new int[ADDRESS_WORDS];

  /** Bytes, 14 bits. */
  public int sendMss;

  /** 2 bits. */
  public int synRstHandling;

  /** Priority in bits 15:13, VLAN in 11:0. */
  public int vlanTag;

  public int arpIndex;
  public int flowLabel;
  public int tcpState;
  public int sendScale;
  public int receiveScale;
  public int timestampRecent;
  public int timestampAge;
  public int sndNxt;
  public int sndWnd;
  public int rcvNxt;

  /** Bytes, after scaling. */
  public int rcvWnd;

  public int sndMax;
  public int sndUna;
  public int srtt;
  public int rttvar;
  public int ssthresh;
  public int cwnd;
  public int sndWl1;
  public int sndWl2;
  public int maxSndWnd;

  /** 6 bits. */
  public int retransmitThreshold;

  /**
   * Fills in what the vendor's code fills in for a connection of which it knows the sequence
   * numbers, {@link #sendMss} and the windows: nothing is in flight, and nothing was measured. The
   * rest is untouched. Source: irdma's cm.c, irdma_init_tcp_ctx.
   */
  public void establish(int nextSent, int nextExpected) {
    tcpState = ESTABLISHED;
    windowScaling = true;
    ignoreOptions = true;
    ignoreUnsupportedOptions = true;
    noNagle = false;
    ttl = DEFAULT_TTL;
    rttvar = DEFAULT_RTTVAR;
    ssthresh = DEFAULT_SSTHRESH;
    retransmitThreshold = DEFAULT_REXMIT_THRESH;
    sndNxt = nextSent;
    sndMax = nextSent;
    sndUna = nextSent;
    sndWl1 = nextExpected;
    sndWl2 = nextSent;
    rcvNxt = nextExpected;
    cwnd = 2 * sendMss;
  }

  /**
   * Tags outgoing frames.
   *
   * @param priority 0..7
   * @param id 0..4095
   */
  public void vlan(int priority, int id) {
    insertVlanTag = true;
    vlanTag = priority << 13 | id;
  }
}

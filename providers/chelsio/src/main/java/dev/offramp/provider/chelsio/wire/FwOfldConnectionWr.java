package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * FW_OFLD_CONNECTION_WR: has the firmware make a connection's control block (TCB) itself
 * (t4fw_api.h {@code fw_ofld_connection_wr}).
 *
 * <pre>
 *   0  op_compl           op | compl 21
 *   4  len16_pkd          8
 *   8  cookie             host order, echoed in the reply
 *  32  le.version_cpl     version 31 | cpl 30
 *  36  le.filter          compressed filter tuple
 *  44  le.lport    46  le.pport
 *  48  le.u.ipv4.pip    52  lip      or  48 ipv6.pip_hi 56 pip_lo 64 lip_hi 72 lip_lo
 *  80  tcb.t_state_to_astid   t_state 31:28 | rcv_scale 27:24 | astid 23:0
 *  84  cplrxdataack 15 | cplpassacceptrpl 14          86  rcv_adv
 *  88  rcv_nxt      92  tx_max
 *  96  opt0        104  opt2
 * </pre>
 *
 * The peer's address comes first. {@code rcv_scale} is the scale of the <em>peer's</em> window.
 */
public final class FwOfldConnectionWr extends Flyweight {
  public static final int SIZE_BYTES = 128;

  /** The firmware's number of the TCP state ESTABLISHED ({@code FW_FLOWC_MNEM_TCPSTATE_*}). */
  public static final int T_STATE_ESTABLISHED = 4;

  private static final Bits VERSION = Bits.flag("FW_OFLD_CONNECTION_WR_VERSION", 31);
  private static final Bits CPL = Bits.flag("FW_OFLD_CONNECTION_WR_CPL", 30);
  private static final Bits T_STATE = new Bits("FW_OFLD_CONNECTION_WR_T_STATE", 28, 4);
  private static final Bits RCV_SCALE = new Bits("FW_OFLD_CONNECTION_WR_RCV_SCALE", 24, 4);
  private static final Bits ASTID = new Bits("FW_OFLD_CONNECTION_WR_ASTID", 0, 24);
  private static final Bits RX_DATA_ACK = Bits.flag("FW_OFLD_CONNECTION_WR_CPLRXDATAACK", 15);
  private static final Bits ACCEPT_RPL = Bits.flag("FW_OFLD_CONNECTION_WR_CPLPASSACCEPTRPL", 14);

  private static final int LPORT = 44;
  private static final int PPORT = 46;
  private static final int PIP = 48;
  private static final int LIP = 52;
  private static final int PIP_HI = 48;
  private static final int PIP_LO = 56;
  private static final int LIP_HI = 64;
  private static final int LIP_LO = 72;
  private static final int T_STATE_TO_ASTID = 80;
  private static final int CPL_FLAGS = 84;
  private static final int RCV_ADV = 86;
  private static final int RCV_NXT = 88;
  private static final int TX_MAX = 92;
  private static final int OPT0 = 96;
  private static final int OPT2 = 104;

  /**
   * Begins a request with all fields zero.
   *
   * @param compl whether the passive side's completion is asked for
   * @param cookie what the reply echoes
   */
  public FwOfldConnectionWr begin(MemorySegment segment, long offset, boolean compl, long cookie) {
    over(segment, offset);
    zero(SIZE_BYTES);
    putBe32(0, Wr.op(Wr.FW_OFLD_CONNECTION_WR) | Wr.FW_WR_COMPL.int32(compl));
    putBe32(4, Wr.FW_WR_LEN16.int32(Wr.len16(SIZE_BYTES)));
    putLe64(8, cookie);
    return this;
  }

  /** How the 4-tuple's entry in the look-up engine is made. */
  public FwOfldConnectionWr lookup(boolean version, boolean cpl, int filter) {
    putBe32(32, VERSION.int32(version) | CPL.int32(cpl));
    putBe32(36, filter);
    return this;
  }

  /** An IPv4 4-tuple; addresses as words, first octet most significant. */
  public FwOfldConnectionWr tuple4(int localPort, int peerPort, int localIp, int peerIp) {
    ports(localPort, peerPort);
    putBe32(PIP, peerIp);
    putBe32(LIP, localIp);
    return this;
  }

  /** An IPv6 4-tuple; addresses as two words each, first octet most significant. */
  public FwOfldConnectionWr tuple6(
      int localPort, int peerPort, long localHigh, long localLow, long peerHigh, long peerLow) {
    ports(localPort, peerPort);
    putBe64(PIP_HI, peerHigh);
    putBe64(PIP_LO, peerLow);
    putBe64(LIP_HI, localHigh);
    putBe64(LIP_LO, localLow);
    return this;
  }

  private void ports(int localPort, int peerPort) {
    putBe16(LPORT, localPort);
    putBe16(PPORT, peerPort);
  }

  /**
   * The state.
   *
   * @param tState 0..15
   * @param rcvScale the scale of the peer's window, 0..14
   * @param astid what the driver calls the connection until it has a tid
   */
  public FwOfldConnectionWr state(int tState, int rcvScale, int astid) {
    putBe32(
        T_STATE_TO_ASTID, T_STATE.int32(tState) | RCV_SCALE.int32(rcvScale) | ASTID.int32(astid));
    return this;
  }

  /** Which messages the firmware sends on the driver's behalf. */
  public FwOfldConnectionWr follows(boolean rxDataAck, boolean passAcceptRpl) {
    putBe16(CPL_FLAGS, RX_DATA_ACK.int32(rxDataAck) | ACCEPT_RPL.int32(passAcceptRpl));
    return this;
  }

  /**
   * Windows and sequence numbers.
   *
   * @param rcvAdv what the peer advertised, as it stands in the header, 0..65535
   * @param rcvNxt the next byte expected
   * @param txMax one past the last byte in the send buffer
   */
  public FwOfldConnectionWr sequence(int rcvAdv, int rcvNxt, int txMax) {
    putBe16(RCV_ADV, rcvAdv);
    putBe32(RCV_NXT, rcvNxt);
    putBe32(TX_MAX, txMax);
    return this;
  }

  /** The option words: {@link Opt0}, {@link Opt2}. */
  public FwOfldConnectionWr options(long opt0, int opt2) {
    putBe64(OPT0, opt0);
    putBe32(OPT2, opt2);
    return this;
  }
}

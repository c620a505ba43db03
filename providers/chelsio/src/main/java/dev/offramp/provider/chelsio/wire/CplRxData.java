package dev.offramp.provider.chelsio.wire;

/**
 * CPL_RX_DATA: bytes that came in streaming mode follow (t4_msg.h {@code cpl_rx_data}).
 *
 * <pre>
 *  0  ot   6  len   8  seq   12  urg
 * 14  ddp_off 4 | heartbeat 3 | psh 2 | dack_mode 1:0    15  status
 * </pre>
 */
public final class CplRxData extends CplMessage {
  /** Lies over no message yet. */
  public CplRxData() {
    super(Cpl.CPL_RX_DATA, 16);
  }

  private static final Bits DACK_MODE = new Bits("dack_mode", 0, 2);
  private static final Bits PSH = Bits.flag("psh", 2);
  private static final Bits HEARTBEAT = Bits.flag("heartbeat", 3);
  private static final Bits DDP_OFF = Bits.flag("ddp_off", 4);

  /** How many octets follow. */
  public int length() {
    return be16(6);
  }

  public int sequence() {
    return be32(8);
  }

  public int urgent() {
    return be16(12);
  }

  public int dackMode() {
    return DACK_MODE.from(u8(14));
  }

  public boolean push() {
    return PSH.isSetIn(u8(14));
  }

  public boolean heartbeat() {
    return HEARTBEAT.isSetIn(u8(14));
  }

  public boolean ddpOff() {
    return DDP_OFF.isSetIn(u8(14));
  }

  public int status() {
    return u8(15);
  }
}

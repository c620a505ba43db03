package dev.offramp.provider.chelsio.wire;

/**
 * CPL_FW4_ACK: the firmware has taken work requests of a flow, or its data has been acknowledged
 * (t4_msg.h {@code cpl_fw4_ack}).
 *
 * <pre>
 *  0  ot   4  credits   7  flags: seq valid 0 | channel changed 1 | flowc done 2
 *  8  snd_nxt   12  snd_una   16  rsvd1
 * </pre>
 */
public final class CplFw4Ack extends CplMessage {
  /** Lies over no message yet. */
  public CplFw4Ack() {
    super(Cpl.CPL_FW4_ACK, 24);
  }

  /** Units of 16 bytes of work requests that are done. */
  public int credits() {
    return u8(4);
  }

  public int flags() {
    return u8(7);
  }

  /** Whether {@link #sndNxt} and {@link #sndUna} mean anything. */
  public boolean isSequenceValid() {
    return (flags() & 1) != 0;
  }

  /** Whether it answers an FW_FLOWC_WR. */
  public boolean isFlowc() {
    return (flags() & 4) != 0;
  }

  public int sndNxt() {
    return be32(8);
  }

  public int sndUna() {
    return be32(12);
  }
}

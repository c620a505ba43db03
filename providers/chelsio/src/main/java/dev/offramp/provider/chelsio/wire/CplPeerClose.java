package dev.offramp.provider.chelsio.wire;

/**
 * CPL_PEER_CLOSE: the peer has sent its FIN (t4_msg.h {@code cpl_peer_close}).
 *
 * <pre>
 *  0  ot   4  rcv_nxt
 * </pre>
 */
public final class CplPeerClose extends CplMessage {
  /** Lies over no message yet. */
  public CplPeerClose() {
    super(Cpl.CPL_PEER_CLOSE, 8);
  }

  public int rcvNxt() {
    return be32(4);
  }
}

package dev.offramp.provider.chelsio.wire;

/**
 * CPL_RDMA_TERMINATE: the peer has sent a Terminate, whose octets follow (t4_msg.h {@code
 * cpl_rdma_terminate}).
 *
 * <pre>
 *  0  ot   6  len   8  the Terminate message
 * </pre>
 */
public final class CplRdmaTerminate extends CplMessage {
  /** Lies over no message yet. */
  public CplRdmaTerminate() {
    super(Cpl.CPL_RDMA_TERMINATE, 8);
  }

  /** How many octets follow. */
  public int length() {
    return be16(6);
  }
}

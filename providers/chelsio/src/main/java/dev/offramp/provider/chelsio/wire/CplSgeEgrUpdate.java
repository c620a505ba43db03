package dev.offramp.provider.chelsio.wire;

/**
 * CPL_SGE_EGR_UPDATE: how far an egress queue has been read (t4_msg.h {@code cpl_sge_egr_update}).
 *
 * <pre>
 *  0  opcode 31:24 | qid 16:0   4  cidx   6  pidx
 * </pre>
 */
public final class CplSgeEgrUpdate extends CplMessage {
  /** Lies over no message yet. */
  public CplSgeEgrUpdate() {
    super(Cpl.CPL_SGE_EGR_UPDATE, 8);
  }

  private static final Bits EGR_QID = new Bits("EGR_QID", 0, 17);

  public int egressId() {
    return EGR_QID.from(be32(0));
  }

  public int consumerIndex() {
    return be16(4);
  }
}

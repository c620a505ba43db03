package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;

/**
 * FW_FLOWC_WR: tells the firmware a flow's parameters; the first request of a tid on the offload
 * queue (t4fw_api.h {@code fw_flowc_wr}).
 *
 * <pre>
 *  0  op_to_nparams   op | compl 21 | nparams 7:0
 *  4  flowid_len16
 *  8  mnemval[]       mnemonic 1 | r4 3 | val 4
 * </pre>
 *
 * RCV_SCALE is the scale used when <em>sending</em> windows are read, named as in the TCB.
 */
public final class FwFlowcWr extends Flyweight {
  public static final int PFNVFN = 0;
  public static final int CH = 1;
  public static final int PORT = 2;
  public static final int IQID = 3;
  public static final int SNDNXT = 4;
  public static final int RCVNXT = 5;
  public static final int SNDBUF = 6;
  public static final int MSS = 7;
  public static final int SCHEDCLASS = 11;
  public static final int RCV_SCALE = 14;

  private static final int HEADER_BYTES = 8;
  private static final int PARAM_BYTES = 8;
  private static final Bits MNEMONIC = new Bits("mnemonic", 24, 8);
  private static final Bits NPARAMS = new Bits("FW_FLOWC_WR_NPARAMS", 0, 8);
  private static final Bits PFN = new Bits("FW_PFVF_CMD_PFN", 8, 3);

  /** No VLAN tag: {@code CPL_L2T_VLAN_NONE}. */
  private static final int VLAN_NONE = 0xFFF;

  private static final int VLAN_PRIORITY_SHIFT = 13;

  private int tid;
  private boolean compl;
  private int count;

  /**
   * Begins a request without parameters.
   *
   * @param askCompletion whether a CPL_FW4_ACK is wanted
   */
  public FwFlowcWr begin(MemorySegment segment, long offset, int flow, boolean askCompletion) {
    over(segment, offset);
    tid = flow;
    compl = askCompletion;
    count = 0;
    zero(HEADER_BYTES);
    return this;
  }

  /** Adds a parameter. */
  public FwFlowcWr param(int mnemonic, int value) {
    long at = HEADER_BYTES + (long) PARAM_BYTES * count;
    putBe32(at, MNEMONIC.int32(mnemonic));
    putBe32(at + 4, value);
    count++;
    return this;
  }

  /**
   * What iw_cxgb4 says of a connection ({@code send_flowc}).
   *
   * @param sndScale the scale of the peer's window
   * @param vlan the connection's tag, or 0xFFF
   */
  public FwFlowcWr connection(
      int pf,
      int txChannel,
      int queue,
      int sndNxt,
      int rcvNxt,
      int sendBufferBytes,
      int emssBytes,
      int sndScale,
      int vlan) {
    param(PFNVFN, PFN.int32(pf));
    param(CH, txChannel);
    param(PORT, txChannel);
    param(IQID, queue);
    param(SNDNXT, sndNxt);
    param(RCVNXT, rcvNxt);
    param(SNDBUF, sendBufferBytes);
    param(MSS, emssBytes);
    param(RCV_SCALE, sndScale);
    return vlan == VLAN_NONE ? this : param(SCHEDCLASS, vlan >>> VLAN_PRIORITY_SHIFT);
  }

  /**
   * Completes the request.
   *
   * @return how long it is, in bytes, padding included
   */
  public int end() {
    int used = HEADER_BYTES + PARAM_BYTES * count;
    int padded = Wr.len16(used) * Wr.UNIT_BYTES;
    if (padded > used) {
      putBe64(used, 0);
    }
    putBe32(0, Wr.op(Wr.FW_FLOWC_WR) | Wr.FW_WR_COMPL.int32(compl) | NPARAMS.int32(count));
    putBe32(4, Wr.flow(tid, used));
    return padded;
  }
}

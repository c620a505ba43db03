package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.Bits;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;

/**
 * A queue's doorbells in BAR2 (t4_regs.h, {@code SGE_UDB_*}; iw_cxgb4's {@code t4_ring_sq_db},
 * {@code t4_arm_cq}). Registers are little-endian, as PCI is. Allocates nothing; for one thread, or
 * lock.
 *
 * <pre>
 *  +8  kernel doorbell   qid 31:15 | priority 14 | type 13 | pidx increment 12:0, in slots
 * +20  GTS               ingress qid 31:16 | timer 15:13 | seintarm 12 | cidx increment 11:0
 * +64  write-combined    the 64 bytes of the only new slot, where the area itself says which queue
 * </pre>
 */
public final class UserDoorbell {
  static final int KDOORBELL = 8;
  static final int GTS = 20;
  static final int WCDOORBELL = 64;

  private static final int BAR2 = 2;

  private static final Bits QID = new Bits("QID", 15, 17);
  private static final Bits TYPE_FREE_LIST = Bits.flag("DBTYPE", 13);
  private static final Bits PRIORITY = Bits.flag("DBPRIO", 14);
  private static final Bits PIDX = new Bits("PIDX_T5", 0, 13);
  private static final Bits INGRESSQID = new Bits("INGRESSQID", 16, 16);
  private static final Bits TIMERREG = new Bits("TIMERREG", 13, 3);
  private static final Bits SEINTARM = Bits.flag("SEINTARM", 12);
  private static final Bits CIDXINC = new Bits("CIDXINC", 0, 12);

  private static final int MAX_CREDITS = (int) CIDXINC.max();

  /** The timer of an arming write, and of one that only returns credits. */
  private static final int TIMER_ARM = 6;

  private static final int TIMER_CREDITS = 7;

  private final DeviceWindow window;
  private final long offset;
  private final int qid;

  /**
   * The doorbells of one queue.
   *
   * @param offset the area's offset in BAR2
   * @param qid the id that values carry; 0 when the area itself says which queue
   */
  public UserDoorbell(DeviceWindow window, long offset, int qid) {
    this.window = window;
    this.offset = offset;
    this.qid = qid;
  }

  /** Tells of new slots in an egress queue. */
  public void ring(int slots) {
    window.write32(BAR2, offset + KDOORBELL, QID.int32(qid) | PIDX.int32(slots));
  }

  /**
   * Tells of new buffers in a free list, in units of eight.
   *
   * @param t6 whether the chip needs no bits that say what kind of queue it is ({@code sge_fl_db})
   */
  public void ringFreeList(int eights, boolean t6) {
    window.write32(
        BAR2,
        offset + KDOORBELL,
        QID.int32(qid) | PRIORITY.int32(!t6) | TYPE_FREE_LIST.int32(!t6) | PIDX.int32(eights));
  }

  /** Whether {@link #combine} may be used. */
  public boolean canCombine() {
    return qid == 0;
  }

  /** Hands over the only new slot together with the news of it. */
  public void combine(DmaSlab ring, long slotOffset) {
    window.write512(BAR2, offset + WCDOORBELL, ring, slotOffset);
  }

  /**
   * Gives entries of an ingress queue back and asks for an event with the next one.
   *
   * @param entries that were taken since the last time
   * @param solicitedOnly of a completion queue: whether only a solicited completion is to raise it;
   *     of the event queue: whether it is raised as soon as something comes ({@code QINTR_CNT_EN})
   */
  public void arm(int entries, boolean solicitedOnly) {
    int left = entries;
    while (left > MAX_CREDITS) {
      gts(TIMER_CREDITS, false, MAX_CREDITS);
      left -= MAX_CREDITS;
    }
    gts(TIMER_ARM, solicitedOnly, left);
  }

  /** Gives entries of an ingress queue back. */
  public void giveBack(int entries) {
    int left = entries;
    while (left > 0) {
      int now = Math.min(left, MAX_CREDITS);
      gts(TIMER_CREDITS, false, now);
      left -= now;
    }
  }

  private void gts(int timer, boolean solicitedOnly, int entries) {
    window.write32(
        BAR2,
        offset + GTS,
        INGRESSQID.int32(qid)
            | TIMERREG.int32(timer)
            | SEINTARM.int32(solicitedOnly)
            | CIDXINC.int32(entries));
  }
}

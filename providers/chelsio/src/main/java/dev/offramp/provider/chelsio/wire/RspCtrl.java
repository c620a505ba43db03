package dev.offramp.provider.chelsio.wire;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;

/**
 * The end of an ingress queue's entry (cxgb4.h {@code rsp_ctrl}). What comes before it is the RSS
 * header and, where there is room, the message.
 *
 * <pre>
 * 48  hdrbuflen_pidx
 * 52  pldbuflen_qid   newbuf 31 | length 30:0, or the queue that has an event
 * 56  type_gen        generation 7 | type 5:4: 0 in the free list, 1 here, 2 an event
 * </pre>
 */
public final class RspCtrl extends Flyweight {
  public static final int ENTRY_BYTES = 64;

  /** The message is in buffers of the free list. */
  public static final int TYPE_FREE_LIST = 0;

  /** The message is in the entry. */
  public static final int TYPE_CPL = 1;

  /** A completion queue has an event. */
  public static final int TYPE_EVENT = 2;

  private static final int BUFFER_QUEUE = 52;
  private static final int TYPE_GEN = 56;

  private static final Bits NEWBUF = Bits.flag("RSPD_NEWBUF", 31);
  private static final Bits LENGTH = new Bits("RSPD_LEN", 0, 31);
  private static final Bits GEN = Bits.flag("RSPD_GEN", 7);
  private static final Bits TYPE = new Bits("RSPD_TYPE", 4, 2);

  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();

  /** Lays it over an entry. */
  public RspCtrl at(MemorySegment segment, long offset) {
    over(segment, offset);
    return this;
  }

  /**
   * Whether the entry has been written in this turn of the ring; when so, all of it can be read.
   */
  public boolean isNew(boolean generation) {
    byte seen = (byte) BYTE.getAcquire(memory(), base() + TYPE_GEN);
    return GEN.isSetIn(seen) == generation;
  }

  public int type() {
    return TYPE.from(u8(TYPE_GEN));
  }

  /** Whether the message begins in a new buffer of the free list. */
  public boolean isNewBuffer() {
    return NEWBUF.isSetIn(Integer.toUnsignedLong(be32(BUFFER_QUEUE)));
  }

  /** How many bytes of the free list's buffers the message takes. */
  public int length() {
    return LENGTH.from(be32(BUFFER_QUEUE));
  }

  /** The queue that has an event. */
  public int queueId() {
    return be32(BUFFER_QUEUE);
  }
}

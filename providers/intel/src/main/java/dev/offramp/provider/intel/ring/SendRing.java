package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.BitField;
import dev.offramp.provider.intel.layout.Generation;
import dev.offramp.provider.intel.layout.Registers;
import dev.offramp.provider.intel.layout.SendWqe;
import dev.offramp.provider.intel.layout.Words;
import dev.offramp.spi.port.DeviceWindow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The send queue of a QP, in quanta. For one thread at a time.
 *
 * <p>Rules, as in irdma's uk.c, irdma_qp_get_next_send_wqe, irdma_clr_wqes and irdma_uk_qp_post_wr:
 *
 * <ul>
 *   <li>A WQE does not cross a chunk: the rest of the chunk is filled with NOPs.
 *   <li>The valid bit's sense toggles when quantum 0 is used. On X722 a WQE of one quantum at an
 *       even index makes its neighbour invalid, for that device fetches pairs. Whenever a WQE
 *       begins at a multiple of 128, the next 128 quanta are filled against the coming sense.
 *   <li>257 quanta stay free, so that this filling never meets a WQE that is in use.
 *   <li>The doorbell is not rung while the device, by its shadow area, still works before the place
 *       where the host last rang: it will find what is new by the valid bits.
 * </ul>
 */
public final class SendRing {
  /** No room: see {@link #reserve}. */
  public static final int FULL = -1;

  /** {@code IRDMA_SQ_RSVD}, less the one quantum that tells a full ring from an empty one. */
  private static final int RESERVED = 257;

  private static final int FILL_QUANTA = 128;
  private static final BitField IRDMA_QP_DBSA_HW_SQ_TAIL = BitField.bits(0, 14);
  private static final ValueLayout.OfLong FILL =
      ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Generation generation;
  private final MemorySegment ring;
  private final MemorySegment shadow;
  private final int size;
  private final int chunk;
  private final int qpId;
  private final DeviceWindow window;

  private final long[] ids;
  private final long[] lengths;
  private final byte[] quantaOf;

  /** Whether somebody posted what begins here; else it fills a chunk. */
  private final boolean[] posted;

  private int head;
  private int tail;
  private int polarity;
  private int rungHead;

  /**
   * A ring that is empty at quantum 0, where the first WQE toggles the polarity to 1.
   *
   * @param ring zeroed; 32 bytes for each quantum, a power of two of them
   * @param shadow 64 bytes that the device keeps its tail in
   */
  public SendRing(
      Generation generation,
      MemorySegment ring,
      MemorySegment shadow,
      int qpId,
      DeviceWindow window) {
    this.generation = generation;
    this.ring = ring;
    this.shadow = shadow;
    this.size = Math.toIntExact(ring.byteSize() / SendWqe.QUANTUM_BYTES);
    this.chunk = generation.limits().chunkQuanta();
    this.qpId = qpId;
    this.window = window;
    this.ids = new long[size];
    this.lengths = new long[size];
    this.quantaOf = new byte[size];
    this.posted = new boolean[size];
  }

  /**
   * Leaves room at quantum 0 for what the connection itself sends first; the device is told of it
   * when the context is loaded. Once, before the first {@link #reserve}.
   */
  public void beginAfter(int quanta) {
    head = quanta;
    tail = quanta;
    rungHead = quanta;
    polarity = 1;
  }

  /** The ring's memory; WQE {@code i} begins at {@code i} times 32. */
  public MemorySegment memory() {
    return ring;
  }

  /** The sense of the valid bit for the WQE reserved last, 0 or 1. */
  public int polarity() {
    return polarity;
  }

  /** How many quanta the ring has. */
  public int size() {
    return size;
  }

  /** The next free quantum. */
  public int head() {
    return head;
  }

  /** The oldest quantum whose WQE is not complete. */
  public int tail() {
    return tail;
  }

  /** Whether work is posted and not complete. */
  public boolean hasWork() {
    return head != tail;
  }

  private int free() {
    return size - used() - RESERVED;
  }

  private int used() {
    return head - tail & (size - 1);
  }

  /**
   * Takes room for a WQE, with NOPs before it where the chunk has not enough.
   *
   * @param quanta its size, 1..8
   * @param id returned when it completes
   * @param lengthBytes likewise
   * @return the index of its first quantum, or {@link #FULL} with nothing changed
   */
  public int reserve(int quanta, long id, long lengthBytes) {
    int inChunk = chunk - head % chunk;
    int pad = quanta <= inChunk ? 0 : inChunk;
    if (quanta + pad > free()) {
      return FULL;
    }
    for (int i = 0; i < pad; i++) {
      quantaOf[head] = 1;
      posted[head] = false;
      SendWqe.nop(ring, (long) head * SendWqe.QUANTUM_BYTES, 0, polarity);
      head = head + 1 & (size - 1);
    }
    int index = head;
    if (index == 0) {
      polarity ^= 1;
    }
    head = index + quanta & (size - 1);
    if (generation.isFirst() && quanta == 1 && (head & 1) != 0) {
      SendWqe.header(
          ring, (long) head * SendWqe.QUANTUM_BYTES, SendWqe.IRDMAQPSQ_VALID.of(polarity ^ 1));
    }
    ids[index] = id;
    lengths[index] = lengthBytes;
    quantaOf[index] = (byte) quanta;
    for (int i = 1; i < quanta; i++) {
      quantaOf[index + i] = 0;
    }
    posted[index] = true;
    if (index % FILL_QUANTA == 0) {
      fillAhead(index);
    }
    return index;
  }

  private void fillAhead(int index) {
    int from = index + FILL_QUANTA & (size - 1);
    boolean zeros = (polarity != 0) == (from != 0);
    long at = (long) from * SendWqe.QUANTUM_BYTES;
    long end = Math.min(at + (long) FILL_QUANTA * SendWqe.QUANTUM_BYTES, ring.byteSize());
    for (; at < end; at += Words.BYTES) {
      ring.set(FILL, at, zeros ? 0 : -1L);
    }
  }

  /** Tells the device of all that was reserved and written, unless it will find it anyway. */
  public void ringDoorbell() {
    // The device must see the WQEs before this reads how far it has come.
    window.fence();
    VarHandle.fullFence();
    if (mustRing(rungHead, head, deviceTail())) {
      ringAlways();
    }
    rungHead = head;
  }

  private int deviceTail() {
    return IRDMA_QP_DBSA_HW_SQ_TAIL.intIn(Words.getAcquire(shadow, 0));
  }

  /** Whether the device says that it has read all WQEs. */
  public boolean isAllSeen() {
    return deviceTail() == head;
  }

  /** Rings without looking at how far the device has come. */
  public void ringAlways() {
    window.write32(Registers.BAR, generation.registers().wqeAlloc(), qpId);
    rungHead = head;
  }

  /**
   * Whether the device has come to where the host last rang, so that it must be woken.
   *
   * @param rung the head when the host last rang, or had no need to
   * @param head the head now
   * @param deviceTail what the device says of itself
   */
  static boolean mustRing(int rung, int head, int deviceTail) {
    if (head == rung || head == deviceTail) {
      return false;
    }
    return head > rung
        ? deviceTail >= rung && deviceTail < head
        : deviceTail >= rung || deviceTail < head;
  }

  /** Whether a WQE begins at {@code index} and is not complete. */
  boolean isOutstanding(int index) {
    return index < size && (index - tail & (size - 1)) < used() && quantaOf[index] != 0;
  }

  /** What the WQE at {@code index} was posted with. */
  public long idAt(int index) {
    return ids[index];
  }

  long lengthAt(int index) {
    return lengths[index];
  }

  /** Whether the WQE at {@code index} is work, and not the rest of a chunk. */
  boolean isWorkAt(int index) {
    return posted[index] || opcodeAt(index) != SendWqe.OP_NOP;
  }

  /** The opcode of the WQE at {@code index}. */
  int opcodeAt(int index) {
    return SendWqe.IRDMAQPSQ_OPCODE.intIn(
        Words.get(ring, (long) index * SendWqe.QUANTUM_BYTES + SendWqe.HEADER));
  }

  /** The WQE at {@code index} and all before it are complete. */
  void completeThrough(int index) {
    tail = index + quantaOf[index] & (size - 1);
  }

  /** Sets what a test needs. */
  void restore(int newHead, int newTail, int newPolarity, int newRungHead) {
    head = newHead;
    tail = newTail;
    polarity = newPolarity;
    rungHead = newRungHead;
  }

  /** Sets what a test needs. */
  void track(int index, long id, long lengthBytes, int quanta) {
    ids[index] = id;
    lengths[index] = lengthBytes;
    quantaOf[index] = (byte) quanta;
  }
}

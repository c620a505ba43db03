package dev.offramp.provider.intel.ring;

import dev.offramp.provider.intel.layout.SendWqe;
import java.lang.foreign.MemorySegment;

/**
 * The receive queue of a QP, in WQEs of one size. For one thread at a time. The device needs no
 * doorbell: it looks for valid WQEs when messages come. Source: irdma's uk.c,
 * irdma_qp_get_next_recv_wqe.
 */
public final class ReceiveRing {
  /** No room: see {@link #reserve}. */
  public static final int FULL = -1;

  private final MemorySegment ring;
  private final int wqeQuanta;
  private final int size;
  private final long[] ids;

  private int head;
  private int tail;
  private int polarity;

  /**
   * An empty ring.
   *
   * @param ring zeroed; a power of two of WQEs
   * @param sizeCode log2 of the quanta of a WQE
   */
  public ReceiveRing(MemorySegment ring, int sizeCode) {
    this.ring = ring;
    this.wqeQuanta = 1 << sizeCode;
    this.size = Math.toIntExact(ring.byteSize() / ((long) SendWqe.QUANTUM_BYTES << sizeCode));
    this.ids = new long[size];
  }

  public MemorySegment memory() {
    return ring;
  }

  /** Quanta of a WQE. */
  public int wqeQuanta() {
    return wqeQuanta;
  }

  /** Where WQE {@code index} begins. */
  public long offset(int index) {
    return (long) index * wqeQuanta * SendWqe.QUANTUM_BYTES;
  }

  public int size() {
    return size;
  }

  public int head() {
    return head;
  }

  public int tail() {
    return tail;
  }

  public int polarity() {
    return polarity;
  }

  /** Whether Receives are posted and not complete. */
  public boolean hasWork() {
    return head != tail;
  }

  /**
   * Takes room for a WQE.
   *
   * @return its index, or {@link #FULL} with nothing changed
   */
  public int reserve(long id) {
    int next = head + 1 & (size - 1);
    if (next == tail) {
      return FULL;
    }
    int index = head;
    head = next;
    if (index == 0) {
      polarity ^= 1;
    }
    ids[index] = id;
    return index;
  }

  boolean isOutstanding(int index) {
    return index < size && (index - tail & (size - 1)) < (head - tail & (size - 1));
  }

  /** What the work at {@code index} was posted with. */
  public long idAt(int index) {
    return ids[index];
  }

  void completeThrough(int index) {
    tail = index + 1 & (size - 1);
  }

  /** Sets what a test needs. */
  void restore(int newHead, int newTail) {
    head = newHead;
    tail = newTail;
  }

  /** Sets what a test needs. */
  void track(int index, long id) {
    ids[index] = id;
  }
}

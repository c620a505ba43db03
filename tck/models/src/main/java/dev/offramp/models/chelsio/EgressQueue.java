package dev.offramp.models.chelsio;

import dev.offramp.models.DmaFaultException;
import dev.offramp.models.Faults;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * A ring that the host writes, in slots of 64 bytes, with a status page behind them (sge.c, struct
 * sge_qstat: qid 0, cidx 4, pidx 6). A work request takes as many slots as its {@code len16} needs
 * and wraps at the end byte by byte. For the model's thread.
 */
final class EgressQueue {
  static final int SLOT_BYTES = 64;

  private static final int LEN16_OFFSET = 7;
  private static final int UNITS_PER_SLOT = SLOT_BYTES / WrHeader.UNIT_BYTES;

  /** What the ring is for. */
  enum Kind {
    ETHERNET,
    OFFLOAD,
    CONTROL,
    RDMA_SEND,
    RDMA_RECEIVE
  }

  /** Who carries out what the ring holds. */
  interface Consumer {
    /**
     * Takes one.
     *
     * @param wr its bytes, contiguous; a copy that stays
     * @param slots how many slots it takes
     * @return whether its slots are free again at once
     */
    boolean accept(MemorySegment wr, int slots);
  }

  private final Silicon silicon;
  private final Kind kind;
  private final int id;
  private final long address;
  private final int slots;
  private final boolean statusPage;
  private final int ingressQueue;
  private int replyQueue;
  private @Nullable Consumer consumer;

  /** Slots: posted up to, fetched up to, free up to. They count on and on. */
  private long posted;

  private long fetched;
  private long freed;
  private boolean stuck;
  private byte @Nullable [] burst;

  /**
   * An empty ring.
   *
   * @param size slots, status entries included
   * @param statusPage whether the status page is kept up to date (HOSTFCMODE 2 and 3)
   * @param ingressQueue where status updates go
   */
  EgressQueue(
      Silicon silicon,
      Kind kind,
      int id,
      long address,
      int size,
      boolean statusPage,
      int ingressQueue) {
    this.silicon = silicon;
    this.kind = kind;
    this.id = id;
    this.address = address;
    this.slots = size - silicon.registers.statusEntries();
    this.statusPage = statusPage;
    this.ingressQueue = ingressQueue;
    this.replyQueue = ingressQueue;
  }

  Kind kind() {
    return kind;
  }

  int id() {
    return id;
  }

  int slots() {
    return slots;
  }

  /** The ingress queue that it was made with: a completion queue for RDMA. */
  int ingressQueue() {
    return ingressQueue;
  }

  /** Where replies of work requests go that are of no flow. */
  int replyQueue() {
    return replyQueue;
  }

  void setReplyQueue(int queue) {
    replyQueue = queue;
  }

  boolean isAttached() {
    return consumer != null;
  }

  /** Slots that are posted and not fetched yet. */
  int waiting() {
    return (int) (posted - fetched);
  }

  /** How many work requests wait to be fetched, as far as their lengths make sense. */
  int countWaiting() {
    int count = 0;
    try {
      MemorySegment ring = silicon.platform.memory().at(address, (long) slots * SLOT_BYTES);
      for (long at = fetched; at < posted; count++) {
        int len16 = Be.get8(ring, at % slots * SLOT_BYTES + LEN16_OFFSET);
        at += Math.max(1, slotsOf(len16));
      }
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault(name(), e);
    }
    return count;
  }

  /** From now on work is carried out, what is posted already first; null for no more. */
  void attach(@Nullable Consumer consumer) {
    this.consumer = consumer;
    fetch();
  }

  /** The doorbell: so many slots more. */
  void post(int count) {
    if (stuck) {
      return;
    }
    long used = posted - freed;
    if (count == 0 || used + count > slots - 1L) {
      stop(
          Violation.Kind.DOORBELL_ON_FULL_QUEUE,
          used + " slots in use and " + count + " more",
          "at most " + (slots - 1));
      return;
    }
    posted += count;
    if (silicon.faults.at(ChelsioFaults.EGRESS_STUCK) != Faults.NO_FAULT) {
      stuck = true;
      return;
    }
    fetch();
  }

  /** The write-combined doorbell: one slot more, whose bytes come along. */
  void post(byte[] slot) {
    // A ring that nobody fetches from yet is read from memory later, as a chip would.
    burst = consumer == null || waiting() > 0 ? null : slot;
    post(1);
    burst = null;
  }

  private void fetch() {
    while (!stuck && fetched < posted) {
      Consumer taker = consumer;
      MemorySegment wr = taker == null ? null : next();
      if (taker == null) {
        return;
      }
      if (wr != null) {
        int count = slotsOf((int) (wr.byteSize() / WrHeader.UNIT_BYTES));
        fetched += count;
        if (taker.accept(wr, count)) {
          free(count);
        }
      }
    }
  }

  /** The oldest work request that was not fetched; null stops the ring. */
  private @Nullable MemorySegment next() {
    int at = (int) (fetched % slots);
    try {
      MemorySegment ring = silicon.platform.memory().at(address, (long) slots * SLOT_BYTES);
      byte[] announced = burst;
      int len16 =
          announced != null
              ? announced[LEN16_OFFSET] & 0xFF
              : Be.get8(ring, (long) at * SLOT_BYTES + LEN16_OFFSET);
      if (len16 == 0 || slotsOf(len16) > posted - fetched) {
        stop(
            Violation.Kind.BAD_LENGTH,
            "len16 " + len16 + " at slot " + at,
            "1.." + (posted - fetched) * UNITS_PER_SLOT + ", as the doorbell said");
        return null;
      }
      byte[] wr = new byte[len16 * WrHeader.UNIT_BYTES];
      if (announced != null) {
        System.arraycopy(announced, 0, wr, 0, wr.length);
      } else {
        copy(ring, (long) at * SLOT_BYTES, MemorySegment.ofArray(wr));
      }
      return MemorySegment.ofArray(wr);
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault(name(), e);
      stuck = true;
      return null;
    }
  }

  private void copy(MemorySegment ring, long from, MemorySegment to) {
    long first = Math.min(to.byteSize(), ring.byteSize() - from);
    MemorySegment.copy(ring, from, to, 0, first);
    MemorySegment.copy(ring, 0, to, first, to.byteSize() - first);
  }

  /** The oldest slots can be written again. */
  void free(int count) {
    freed += count;
    if (statusPage) {
      writeStatus();
    }
  }

  /** Writes the status page. */
  void writeStatus() {
    try {
      MemorySegment page =
          silicon.platform.memory().at(address + (long) slots * SLOT_BYTES, Long.BYTES);
      Be.put32(page, 0, id);
      Be.put32(page, 4, (long) consumerIndex() << 16 | producerIndex());
    } catch (DmaFaultException | IllegalStateException e) {
      silicon.dmaFault(name(), e);
    }
  }

  int consumerIndex() {
    return (int) (freed % slots);
  }

  int producerIndex() {
    return (int) (posted % slots);
  }

  private void stop(Violation.Kind kind, String seen, String expected) {
    silicon.violations.add(kind, name(), seen, expected);
    stuck = true;
  }

  private static int slotsOf(int len16) {
    return (len16 + UNITS_PER_SLOT - 1) / UNITS_PER_SLOT;
  }

  String name() {
    return "egress queue " + id;
  }
}

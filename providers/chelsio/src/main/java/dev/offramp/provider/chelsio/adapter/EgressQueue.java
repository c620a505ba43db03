package dev.offramp.provider.chelsio.adapter;

import dev.offramp.provider.chelsio.wire.Wr;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * A ring of work requests for the firmware, in slots of 64 bytes, with a status page behind them in
 * which the adapter says how far it has read (sge.c, {@code sge_txq}, {@code sge_qstat}). What
 * finds no room waits in memory, in order, so that posting never fails and never waits. Safe for
 * several threads.
 *
 * <pre>
 * status page:  0 qid   4 cidx   6 pidx   (big-endian)
 * </pre>
 */
public final class EgressQueue {
  private static final int SLOT_BYTES = 64;
  private static final int CIDX = 4;
  private static final VarHandle BE16 =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN).varHandle();

  private final DeviceWindow window;
  private final DmaSlab slab;
  private final int slots;
  private final UserDoorbell doorbell;
  private final int egressId;
  private final Deque<byte[]> backlog = new ArrayDeque<>();
  private int producer;
  private int consumer;
  private int used;

  /**
   * An empty queue.
   *
   * @param slab the ring, and the status page behind it
   * @param slots of the ring
   */
  EgressQueue(DeviceWindow window, DmaSlab slab, int slots, UserDoorbell doorbell, int egressId) {
    this.window = window;
    this.slab = slab;
    this.slots = slots;
    this.doorbell = doorbell;
    this.egressId = egressId;
  }

  /** How many bytes a ring of so many slots needs, its status page included. */
  static long sizeBytes(int slots, int statusSlots) {
    return (long) SLOT_BYTES * (slots + statusSlots);
  }

  /** The queue's number. */
  public int egressId() {
    return egressId;
  }

  /**
   * Hands a work request to the adapter, after all earlier ones.
   *
   * @param request begins the segment
   * @param sizeBytes its length; padded with zeros to a unit of 16
   */
  public synchronized void post(MemorySegment request, int sizeBytes) {
    flush();
    if (!backlog.isEmpty() || !fits(sizeBytes)) {
      backlog.add(request.asSlice(0, sizeBytes).toArray(ValueLayout.JAVA_BYTE));
      return;
    }
    put(request, sizeBytes);
  }

  /** Posts what found no room, as far as there is some now; true when nothing is left. */
  public synchronized boolean flush() {
    reclaim();
    while (!backlog.isEmpty() && fits(backlog.element().length)) {
      byte[] request = backlog.remove();
      put(MemorySegment.ofArray(request), request.length);
    }
    return backlog.isEmpty();
  }

  /** Forgets what found no room: the adapter will not take it any more. */
  synchronized void discard() {
    backlog.clear();
  }

  /** How many slots hold requests that the adapter has not read, as far as is known. */
  public synchronized int slotsInUse() {
    reclaim();
    return used;
  }

  private void reclaim() {
    MemorySegment ring = slab.segment();
    short seen = (short) BE16.getAcquire(ring, (long) SLOT_BYTES * slots + CIDX);
    int now = Short.toUnsignedInt(seen);
    if (now < slots) {
      int read = Math.floorMod(now - consumer, slots);
      // More than was posted is nothing that an adapter can have read.
      if (read <= used) {
        used -= read;
        consumer = now;
      }
    }
  }

  private static int slotsOf(int sizeBytes) {
    return (Wr.len16(sizeBytes) * Wr.UNIT_BYTES + SLOT_BYTES - 1) / SLOT_BYTES;
  }

  private boolean fits(int sizeBytes) {
    return used + slotsOf(sizeBytes) < slots;
  }

  private void put(MemorySegment request, int sizeBytes) {
    MemorySegment ring = slab.segment();
    int count = slotsOf(sizeBytes);
    long at = (long) SLOT_BYTES * producer;
    long end = (long) SLOT_BYTES * slots;
    long first = Math.min(sizeBytes, end - at);
    for (int slot = 0; slot < count; slot++) {
      ring.asSlice((long) SLOT_BYTES * ((producer + slot) % slots), SLOT_BYTES).fill((byte) 0);
    }
    MemorySegment.copy(request, 0, ring, at, first);
    MemorySegment.copy(request, first, ring, 0, sizeBytes - first);
    producer = (producer + count) % slots;
    used += count;
    window.fence();
    doorbell.ring(count);
  }
}

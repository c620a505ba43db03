package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.Receive;
import dev.offramp.provider.chelsio.adapter.UserDoorbell;
import dev.offramp.provider.chelsio.wire.FwRiResWr;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The receive queue (t4.h, {@code t4_rq}). Receives complete in order, each with the next message
 * number; the chip looks at four bits of it only, so the driver checks the rest. Under the
 * connection's lock; allocates nothing.
 */
final class ReceiveQueue {
  private final DeviceWindow window;
  private final DmaSlab slab;
  private final int slots;
  private final int entries;
  private final int depth;
  private final UserDoorbell doorbell;
  private final RiWorkRequest request;
  private final Completed completed;
  private final long[] ids;

  /** For whoever owns the connection next; null where there is none. */
  private final @Nullable Receive[] requests;

  private int producer;
  private int consumer;
  private int posted;
  private int notPolled;
  private int slot;
  private int untold;
  private int firstUntold;
  private int nextNumber = 1;

  /**
   * An empty queue.
   *
   * @param slab begins with the ring
   * @param entries Receives that fit
   * @param depth how many may be posted or not polled
   */
  ReceiveQueue(
      DeviceWindow window,
      DmaSlab slab,
      int entries,
      int depth,
      UserDoorbell doorbell,
      Completed completed) {
    this.window = window;
    this.slab = slab;
    this.entries = entries;
    this.depth = depth;
    this.slots = entries * FwRiResWr.RQ_SLOTS;
    this.doorbell = doorbell;
    this.completed = completed;
    this.request = new RiWorkRequest(slab.segment(), (long) slots * RiWorkRequest.SLOT_BYTES);
    this.ids = new long[entries];
    this.requests = new @Nullable Receive[entries];
  }

  boolean isFull() {
    return notPolled == depth;
  }

  RiWorkRequest request() {
    return request;
  }

  long slotOffset() {
    return (long) slot * RiWorkRequest.SLOT_BYTES;
  }

  int index() {
    return producer;
  }

  /** The next request has been written. */
  void commit(Receive receive, int len16) {
    ids[producer] = receive.id();
    requests[producer] = receive;
    int count = RiWorkRequest.slots(len16);
    if (untold == 0) {
      firstUntold = slot;
    }
    untold += count;
    slot += count;
    if (slot >= slots) {
      slot -= slots;
    }
    producer = producer + 1 == entries ? 0 : producer + 1;
    posted++;
    notPolled++;
  }

  /** Tells the chip of what was written since the last time. */
  void ring() {
    if (untold == 0) {
      return;
    }
    int count = untold;
    untold = 0;
    window.fence();
    if (count == 1 && doorbell.canCombine()) {
      doorbell.combine(slab, (long) firstUntold * RiWorkRequest.SLOT_BYTES);
    } else {
      doorbell.ring(count);
    }
  }

  /** A completion has been polled. */
  void release() {
    notPolled--;
  }

  /** Whether the chip can have completed one. */
  boolean hasPosted() {
    return posted > 0;
  }

  /** Those that are posted, the oldest first. */
  List<Receive> posted() {
    List<Receive> all = new ArrayList<>(posted);
    for (int i = 0; i < posted; i++) {
      all.add(Objects.requireNonNull(requests[(consumer + i) % entries]));
    }
    return all;
  }

  /** The number that the next message has to have. */
  int nextNumber() {
    return nextNumber;
  }

  /** The oldest Receive has completed. */
  void complete(
      CompletionStatus status, long length, boolean solicited, boolean invalidated, int stag) {
    completed.add(ids[consumer], Operation.RECEIVE, status, length, solicited, invalidated, stag);
    requests[consumer] = null;
    consumer = consumer + 1 == entries ? 0 : consumer + 1;
    posted--;
    nextNumber++;
  }

  /** The stream is over: no message will come any more. */
  void flush() {
    while (posted > 0) {
      completed.add(ids[consumer], Operation.RECEIVE, CompletionStatus.FLUSHED, 0);
      requests[consumer] = null;
      consumer = consumer + 1 == entries ? 0 : consumer + 1;
      posted--;
    }
    untold = 0;
  }
}

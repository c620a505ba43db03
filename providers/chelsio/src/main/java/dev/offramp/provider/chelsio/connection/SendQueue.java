package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.provider.chelsio.adapter.UserDoorbell;
import dev.offramp.provider.chelsio.wire.FwRiResWr;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.port.DeviceWindow;
import dev.offramp.spi.port.DmaSlab;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The send queue: a ring of slots that the chip reads, and what the driver has to remember of each
 * request (t4.h, {@code t4_sq}). All requests ask for a completion; those that complete out of
 * order, as Reads do, wait for the earlier ones. Under the connection's lock; posting and
 * completing allocate nothing.
 */
final class SendQueue {
  private final DeviceWindow window;
  private final DmaSlab slab;
  private final int slots;
  private final int entries;
  private final int depth;
  private final UserDoorbell doorbell;
  private final RiWorkRequest request;
  private final Completed completed;

  private final long[] ids;
  private final Operation[] operations;

  /** Null while the chip has it. */
  private final @Nullable CompletionStatus[] statuses;

  private final long[] lengths;
  private final int[] stags;
  private final int[] numbers;

  private int producer;
  private int consumer;
  private int inFlight;
  private int notPolled;
  private int slot;

  /** Slots that were written and not told of. */
  private int untold;

  private int firstUntold;

  /** Requests posted and completed so far: regions remember when they were used last. */
  private long posted;

  private long done;

  private int sendNumber = 1;
  private int readNumber;

  private boolean holding;
  private long postedBefore;
  private int sendNumberBefore;
  private int readNumberBefore;

  /**
   * An empty queue.
   *
   * @param slab begins with the ring
   * @param entries requests that fit, one more than are ever posted
   * @param depth how many may be in flight or not polled
   * @param firstRead the message number of the first Read: 2 where the indication took 1
   */
  SendQueue(
      DeviceWindow window,
      DmaSlab slab,
      int entries,
      int depth,
      UserDoorbell doorbell,
      Completed completed,
      int firstRead) {
    this.window = window;
    this.slab = slab;
    this.entries = entries;
    this.depth = depth;
    this.slots = entries * FwRiResWr.SQ_SLOTS;
    this.doorbell = doorbell;
    this.completed = completed;
    this.readNumber = firstRead;
    this.request = new RiWorkRequest(slab.segment(), (long) slots * RiWorkRequest.SLOT_BYTES);
    this.ids = new long[entries];
    this.operations = new Operation[entries];
    Arrays.fill(operations, Operation.SEND);
    this.statuses = new @Nullable CompletionStatus[entries];
    this.lengths = new long[entries];
    this.stags = new int[entries];
    this.numbers = new int[entries];
  }

  boolean isFull() {
    return notPolled == depth;
  }

  /** Whether all that was posted has completed. */
  boolean isIdle() {
    return inFlight == 0;
  }

  /** The writer for the next request; {@link #slotOffset} and {@link #index} say where it goes. */
  RiWorkRequest request() {
    return request;
  }

  /** Where the next request begins. */
  long slotOffset() {
    return (long) slot * RiWorkRequest.SLOT_BYTES;
  }

  /** What the next request's completion will name. */
  int index() {
    return producer;
  }

  /** How many requests were posted so far, the next one included. */
  long ordinal() {
    return posted + 1;
  }

  /** Whether the n-th request has completed. */
  boolean isDone(long ordinal) {
    return done >= ordinal;
  }

  /**
   * The next request has been written.
   *
   * @param len16 its length in units
   * @param length of its payload
   * @param stag that is revoked when it is done; 0 for none
   */
  void commit(long id, Operation operation, int len16, long length, int stag) {
    remember(id, operation, null, length, stag);
    int count = RiWorkRequest.slots(len16);
    if (untold == 0) {
      firstUntold = slot;
    }
    untold += count;
    slot += count;
    if (slot >= slots) {
      slot -= slots;
    }
    advance();
  }

  /** A request that the driver itself refuses: it completes when its turn comes. */
  void refuse(long id, Operation operation, CompletionStatus status) {
    remember(id, operation, status, 0, 0);
    advance();
    deliver();
  }

  private void remember(
      long id, Operation operation, @Nullable CompletionStatus status, long length, int stag) {
    ids[producer] = id;
    operations[producer] = operation;
    statuses[producer] = status;
    lengths[producer] = length;
    stags[producer] = stag;
    numbers[producer] =
        switch (operation) {
          case SEND -> status == null ? sendNumber++ : 0;
          case READ -> status == null ? readNumber++ : 0;
          default -> 0;
        };
  }

  private void advance() {
    producer = producer + 1 == entries ? 0 : producer + 1;
    inFlight++;
    notPolled++;
    posted++;
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

  /** What is posted from now on does not begin: the chip is not told of it. */
  void hold() {
    ring();
    holding = true;
    postedBefore = posted;
    sendNumberBefore = sendNumber;
    readNumberBefore = readNumber;
  }

  /** What was held back begins. */
  void letGo() {
    holding = false;
    ring();
  }

  boolean isHolding() {
    return holding;
  }

  /** Whether all has completed that was posted before {@link #hold}. */
  boolean isBegunDone() {
    return isDone(postedBefore);
  }

  /** Requests that have not completed; behind {@link #isBegunDone} those that have not begun. */
  int inFlight() {
    return inFlight;
  }

  /** A completion has been polled. */
  void release() {
    notPolled--;
  }

  /** Whether a completion may name this request. */
  boolean isPending(int index) {
    return index >= 0
        && index < entries
        && Math.floorMod(index - consumer, entries) < inFlight
        && statuses[index] == null;
  }

  Operation operation(int index) {
    return operations[index];
  }

  /** Its payload bytes. */
  long length(int index) {
    return lengths[index];
  }

  /** The STag that a request revokes. */
  int stag(int index) {
    return stags[index];
  }

  /** The oldest Read that has not completed; -1 when there is none. */
  int oldestRead() {
    for (int i = 0; i < inFlight; i++) {
      int index = (consumer + i) % entries;
      if (statuses[index] == null && operation(index) == Operation.READ) {
        return index;
      }
    }
    return -1;
  }

  /**
   * The request that sent a message; -1 when it has completed, or never was.
   *
   * @param reads whether the number is a Read's
   */
  int find(boolean reads, int number) {
    Operation wanted = reads ? Operation.READ : Operation.SEND;
    for (int i = 0; i < inFlight; i++) {
      int index = (consumer + i) % entries;
      if (statuses[index] == null && operation(index) == wanted && numbers[index] == number) {
        return index;
      }
    }
    return -1;
  }

  /** A request has completed; it and those that waited for it become completions. */
  void complete(int index, CompletionStatus status) {
    statuses[index] = status;
    deliver();
  }

  private void deliver() {
    while (inFlight > 0) {
      CompletionStatus status = statuses[consumer];
      if (status == null) {
        return;
      }
      deliverOldest(status);
    }
  }

  private void deliverOldest(CompletionStatus status) {
    completed.add(
        ids[consumer],
        operation(consumer),
        status,
        status == CompletionStatus.SUCCESS ? lengths[consumer] : 0);
    consumer = consumer + 1 == entries ? 0 : consumer + 1;
    inFlight--;
    done++;
  }

  /**
   * The stream is over: what has not completed never will.
   *
   * @param refused the request that the peer refused; -1 for none
   */
  void flush(int refused) {
    while (inFlight > 0) {
      CompletionStatus known = statuses[consumer];
      CompletionStatus status =
          known != null
              ? known
              : consumer == refused
                  ? CompletionStatus.TERMINATED_BY_PEER
                  : CompletionStatus.FLUSHED;
      deliverOldest(status);
    }
    untold = 0;
  }

  /** The number of the next message on queue 0 that begins. */
  int nextSendNumber() {
    return holding ? sendNumberBefore : sendNumber;
  }

  /** The number of the next Read Request that begins. */
  int nextReadNumber() {
    return holding ? readNumberBefore : readNumber;
  }
}

package dev.offramp.provider.chelsio.connection;

import dev.offramp.provider.chelsio.adapter.Adapter;
import dev.offramp.provider.chelsio.adapter.IdPool;
import dev.offramp.provider.chelsio.adapter.NoRoomException;
import dev.offramp.provider.chelsio.adapter.Reply;
import dev.offramp.provider.chelsio.adapter.Undo;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.provider.chelsio.wire.FwRiResWr;
import dev.offramp.provider.chelsio.wire.FwRiWr;
import dev.offramp.provider.chelsio.wire.RiWorkRequest;
import dev.offramp.spi.RnicException;
import dev.offramp.spi.port.DmaSlab;
import java.lang.foreign.MemorySegment;

/**
 * A connection's queues on the adapter: their numbers, their memory, and the table in which the
 * chip keeps its Receives. Made by FW_RI_RES_WR (iw_cxgb4's {@code create_qp}, {@code create_cq}).
 */
final class WorkQueues {
  private static final int PAGE_BYTES = 4096;
  private static final int RECEIVE_UNIT = 16;
  private static final int RQ_ENTRY_BYTES = 64;

  /** Sizes of completion queues are multiples of it, and at least 64 ({@code c4iw_create_cq}). */
  private static final int COMPLETION_UNIT = 16;

  private static final int MIN_COMPLETIONS = 64;

  /** A Terminate's, the indication's, and one that shows that there were too many. */
  private static final int EXTRA_COMPLETIONS = 4;

  private final Adapter adapter;
  private final int domain;
  private final int sendId;
  private final int receiveId;
  private final int completionId;
  private final int sendEntries;
  private final int receiveEntries;
  private final int completionEntries;
  private final int receiveTable;
  private final int receiveTableEntries;
  private final DmaSlab sendSlab;
  private final DmaSlab receiveSlab;
  private final DmaSlab completionSlab;

  /** Numbers and memory. */
  private final Undo taken;

  private boolean completionQueueAsked;
  private boolean workQueuesAsked;

  private WorkQueues(Adapter adapter, ConnectionSettings settings, Undo undo)
      throws NoRoomException {
    this.adapter = adapter;
    this.taken = undo;
    int status = adapter.parameters().statusSlots();
    // One stays free in each, so that full and empty differ; at least 8, as in c4iw_create_qp.
    this.sendEntries = Math.max(8, settings.sendQueueEntries() + 1);
    this.receiveEntries = roundUp(settings.receiveQueueEntries() + 1, RECEIVE_UNIT);
    this.completionEntries =
        Math.max(
            MIN_COMPLETIONS,
            roundUp(sendEntries + receiveEntries + EXTRA_COMPLETIONS + 1, COMPLETION_UNIT));
    this.domain = take(adapter.resources().domains(), "protection domain", undo);
    this.sendId = take(adapter.resources().workQueues(), "send queue", undo);
    this.receiveId = take(adapter.resources().workQueues(), "receive queue", undo);
    this.completionId = take(adapter.resources().completionQueues(), "completion queue", undo);
    this.receiveTableEntries = powerOfTwo(Math.max(FwRiWr.MIN_HW_RQ, receiveEntries));
    int tableBytes = receiveTableEntries * RQ_ENTRY_BYTES;
    this.receiveTable =
        adapter
            .resources()
            .receiveTable()
            .take(tableBytes)
            .orElseThrow(() ->
                new NoRoomException(
                    "no [%d] entries in one piece left in the adapter's table of Receives"
                        .formatted(receiveTableEntries)));
    undo.add(() -> adapter.resources().receiveTable().giveBack(receiveTable));
    this.sendSlab = allocate(sendSlots() + status, undo);
    this.receiveSlab = allocate(receiveSlots() + status, undo);
    this.completionSlab =
        adapter.context().window().allocate((long) completionEntries * Cqe.SIZE_BYTES, PAGE_BYTES);
    undo.add(completionSlab::close);
  }

  /** Takes numbers and memory for the queues of one connection; the adapter knows nothing yet. */
  static WorkQueues take(Adapter adapter, ConnectionSettings settings) throws NoRoomException {
    Undo undo = new Undo();
    try {
      return new WorkQueues(adapter, settings, undo);
    } catch (NoRoomException | RuntimeException e) {
      undo.run(adapter.context().logger());
      throw e;
    }
  }

  /** Has the adapter make them. After a failure some may be there: {@link QueueRemoval}. */
  void make() throws RnicException {
    makeCompletionQueue();
    makeWorkQueues();
  }

  /** Whether the adapter may have the completion queue. */
  boolean mayHaveCompletionQueue() {
    return completionQueueAsked;
  }

  /** Whether the adapter may have the send and the receive queue. */
  boolean mayHaveWorkQueues() {
    return workQueuesAsked;
  }

  /** Gives numbers and memory back, which the adapter uses no more. Idempotent. */
  void free() {
    taken.run(adapter.context().logger());
  }

  private static int take(IdPool pool, String what, Undo undo) throws NoRoomException {
    int id =
        pool.take()
            .orElseThrow(() -> new NoRoomException("no %s left on the adapter".formatted(what)));
    undo.add(() -> pool.giveBack(id));
    return id;
  }

  private DmaSlab allocate(int slots, Undo undo) {
    DmaSlab slab =
        adapter.context().window().allocate((long) slots * RiWorkRequest.SLOT_BYTES, PAGE_BYTES);
    undo.add(slab::close);
    return slab;
  }

  private static int roundUp(int value, int unit) {
    return (value + unit - 1) / unit * unit;
  }

  private static int powerOfTwo(int value) {
    int highest = Integer.highestOneBit(value);
    return highest == value ? value : highest << 1;
  }

  private int sendSlots() {
    return sendEntries * FwRiResWr.SQ_SLOTS;
  }

  private int receiveSlots() {
    return receiveEntries * FwRiResWr.RQ_SLOTS;
  }

  private void makeCompletionQueue() throws RnicException {
    completionQueueAsked = true;
    MemorySegment wr = Adapter.scratch(FwRiResWr.CQ_BYTES);
    long cookie = adapter.nextCookie();
    new FwRiResWr()
        .begin(wr, 0, 1, cookie)
        .cq(
            completionId,
            completionEntries,
            completionSlab.deviceAddress(),
            adapter.eventQueueId(),
            Cqe.SIZE_BYTES)
        .end();
    Reply reply = request(wr, cookie, "FW_RI_RES_WR of completion queue " + completionId);
    completionQueueAsked = reply.status() == 0;
    adapter.requireDone(reply);
  }

  private void makeWorkQueues() throws RnicException {
    workQueuesAsked = true;
    int status = adapter.parameters().statusSlots();
    MemorySegment wr = Adapter.scratch(FwRiResWr.QP_BYTES);
    long cookie = adapter.nextCookie();
    new FwRiResWr()
        .begin(wr, 0, 3, cookie)
        .sq(sendId, sendSlots() + status, sendSlab.deviceAddress(), completionId, false)
        .rq(receiveId, receiveSlots() + status, receiveSlab.deviceAddress(), completionId)
        .end();
    Reply reply = request(wr, cookie, "FW_RI_RES_WR of send queue " + sendId);
    workQueuesAsked = reply.status() == 0;
    adapter.requireDone(reply);
  }

  private Reply request(MemorySegment wr, long cookie, String what) throws RnicException {
    Reply reply = adapter.expect(cookie, what);
    adapter.control(wr);
    adapter.await(reply);
    return reply;
  }

  /** Ends the send and the receive queue; the answer comes later. */
  Reply resetWorkQueues() throws RnicException {
    MemorySegment wr = Adapter.scratch(FwRiResWr.QP_BYTES);
    long cookie = adapter.nextCookie();
    new FwRiResWr()
        .begin(wr, 0, 3, cookie)
        .resetWorkQueue(sendId, true)
        .resetWorkQueue(receiveId, false)
        .end();
    Reply reply = adapter.expect(cookie, "FW_RI_RES_WR reset of send queue " + sendId);
    adapter.control(wr);
    return reply;
  }

  /** Ends the completion queue; the answer comes later. */
  Reply resetCompletionQueue() throws RnicException {
    MemorySegment wr = Adapter.scratch(FwRiResWr.CQ_BYTES);
    long cookie = adapter.nextCookie();
    new FwRiResWr().begin(wr, 0, 1, cookie).resetCq(completionId).end();
    Reply reply = adapter.expect(cookie, "FW_RI_RES_WR reset of completion queue " + completionId);
    adapter.control(wr);
    return reply;
  }

  int domain() {
    return domain;
  }

  /** The send queue's number, which names both. */
  int sendId() {
    return sendId;
  }

  int receiveId() {
    return receiveId;
  }

  int completionId() {
    return completionId;
  }

  /** Entries of the chip's table of Receives: a power of two. */
  int receiveTableEntries() {
    return receiveTableEntries;
  }

  /** Where they are, from the table's beginning, in bytes. */
  int receiveTableOffset() {
    return receiveTable - adapter.parameters().rq().start();
  }

  /**
   * The driver's side of the send queue.
   *
   * @param firstRead the message number of the first Read
   */
  SendQueue sendQueue(ConnectionSettings settings, Completed completed, int firstRead) {
    return new SendQueue(
        adapter.context().window(),
        sendSlab,
        sendEntries,
        settings.sendQueueEntries(),
        adapter.doorbell(sendId, true),
        completed,
        firstRead);
  }

  /** The driver's side of the receive queue. */
  ReceiveQueue receiveQueue(ConnectionSettings settings, Completed completed) {
    return new ReceiveQueue(
        adapter.context().window(),
        receiveSlab,
        receiveEntries,
        settings.receiveQueueEntries(),
        adapter.doorbell(receiveId, true),
        completed);
  }

  /** The driver's side of the completion queue. */
  CompletionRing completionRing() {
    return new CompletionRing(
        completionSlab.segment(), completionEntries, adapter.doorbell(completionId, false));
  }
}

package dev.offramp.provider.intel;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;
import dev.offramp.api.rdma.StreamEnd;
import dev.offramp.provider.intel.ring.CompletionRing;
import dev.offramp.provider.intel.ring.WorkCompletion;

/**
 * Takes what the device has completed off the CQ, and turns it into the application's completions.
 * Under the connection's lock; allocates nothing.
 */
final class CompletionIntake {
  private final Adapter adapter;
  private final QueueMemory memory;
  private final StreamLife life;
  private final WorkLog log;
  private final ReceiveLog receiveLog;
  private final CompletionStore store;
  private final Regions regions;
  private final Traffic traffic;
  private final WorkCompletion completion = new WorkCompletion();

  /** Something has completed; read without the lock, too: a race would do no harm. */
  private volatile boolean busy = true;

  /** The first Receive is the connection's own: see {@link FirstWork}. */
  private boolean ownReceive;

  /** How many of those have completed. */
  private int ownReceives;

  /** Receives complete in order: where in the ring the next one stands. */
  private int nextReceive;

  CompletionIntake(
      Adapter adapter,
      QueueMemory memory,
      StreamLife life,
      WorkLog log,
      ReceiveLog receiveLog,
      CompletionStore store,
      Regions regions,
      Traffic traffic,
      boolean ownReceive) {
    this.adapter = adapter;
    this.memory = memory;
    this.life = life;
    this.log = log;
    this.receiveLog = receiveLog;
    this.store = store;
    this.regions = regions;
    this.traffic = traffic;
    this.ownReceive = ownReceive;
  }

  /** Whether something has completed since this was asked last. */
  boolean takeBusy() {
    boolean was = busy;
    busy = false;
    return was;
  }

  /** How many messages of the peer's have come on queue 0. */
  long messages() {
    return traffic.receives() + ownReceives;
  }

  /** Takes what the device has completed. Once all is over the queues' memory may be gone. */
  void drain() {
    while (!life.isDead()) {
      switch (memory.completions().poll(completion)) {
        case NOTHING -> {
          life.drained();
          return;
        }
        case SKIPPED -> {
          // Of the connection itself, and no request of the application's.
          if (completion.status() == WorkCompletion.Status.UNKNOWN) {
            life.completionFailed(completion.majorError(), completion.minorError());
          }
        }
        case FOREIGN ->
            adapter
                .context()
                .logger()
                .log(
                    System.Logger.Level.WARNING,
                    "a completion for QP [{0}], which is not this connection''s; ignored",
                    completion.qpId());
        case IMPOSSIBLE ->
            life.defective(
                "a completion of quantum [%d] of the %s queue, where no work is outstanding"
                    .formatted(completion.wqeIndex(), completion.isSend() ? "send" : "receive"));
        case COMPLETED -> accept();
      }
    }
  }

  private void accept() {
    busy = true;
    CompletionStatus status =
        switch (completion.status()) {
          case SUCCESS -> CompletionStatus.SUCCESS;
          case FLUSHED ->
              completion.minorError() == TerminateCause.FLUSH_PROTECTION
                  ? CompletionStatus.INVALID_REGION
                  : CompletionStatus.FLUSHED;
          case UNKNOWN -> CompletionStatus.DEVICE_ERROR;
        };
    if (completion.isSend()) {
      acceptSend(status);
    } else {
      acceptReceive(status);
    }
    if (status == CompletionStatus.DEVICE_ERROR) {
      life.completionFailed(completion.majorError(), completion.minorError());
    }
  }

  private void acceptSend(CompletionStatus seen) {
    int slot = completion.slot();
    while (log.oldestSlot() != slot) {
      int lost = log.oldestSlot();
      log.complete();
      store.add(memory.sends().idAt(lost), log.operationAt(lost), CompletionStatus.DEVICE_ERROR, 0);
      life.defective(
          "a completion was left out: of quantum [%d] of the send queue".formatted(lost));
    }
    Operation operation = log.operationAt(slot);
    log.complete();
    CompletionStatus status = seen;
    if (seen == CompletionStatus.SUCCESS && log.isInvalidAt(slot)) {
      status = CompletionStatus.INVALID_REGION;
    } else if (seen == CompletionStatus.FLUSHED
        && life.end() instanceof StreamEnd.TerminatedByPeer(var terminate)
        && BadFrame.isAbout(terminate, operation == Operation.READ, log.msnAt(slot))) {
      status = CompletionStatus.TERMINATED_BY_PEER;
    }
    long bytes = status == CompletionStatus.SUCCESS ? completion.bytes() : 0;
    if (status == CompletionStatus.SUCCESS) {
      traffic.sent(operation, bytes);
    }
    store.add(completion.id(), operation, status, bytes);
  }

  private int nextReceive() {
    int next = nextReceive;
    nextReceive = (next + 1) % memory.receives().size();
    return next;
  }

  private boolean takeOwnReceive() {
    boolean own = ownReceive;
    ownReceive = false;
    return own;
  }

  private void acceptReceive(CompletionStatus seen) {
    int slot = completion.slot();
    int lost;
    while ((lost = nextReceive()) != slot) {
      receiveLog.complete(lost);
      if (!takeOwnReceive()) {
        store.add(
            memory.receives().idAt(lost), Operation.RECEIVE, CompletionStatus.DEVICE_ERROR, 0);
      }
      life.defective("a completion was left out: of Receive [%d] of the ring".formatted(lost));
    }
    receiveLog.complete(slot);
    if (takeOwnReceive()) {
      ownReceives += seen == CompletionStatus.SUCCESS ? 1 : 0;
      return;
    }
    boolean success = seen == CompletionStatus.SUCCESS;
    CompletionStatus status =
        seen == CompletionStatus.FLUSHED && completion.minorError() == TerminateCause.FLUSH_TOO_LONG
            ? CompletionStatus.MESSAGE_TOO_LONG
            : seen;
    boolean invalidated = success && completion.isStagInvalidated();
    if (invalidated) {
      IntelRegion region = regions.find(completion.invalidatedStag());
      if (region != null) {
        region.invalidate();
      }
    }
    long bytes = success ? completion.bytes() : 0;
    if (success) {
      traffic.received(bytes);
    }
    store.add(
        completion.id(),
        Operation.RECEIVE,
        status,
        bytes,
        success && completion.isSolicited(),
        invalidated,
        completion.invalidatedStag());
  }

  /** Completes what the device never will. */
  void sweep() {
    CompletionRing ring = memory.completions();
    drain();
    while (ring.sweep(/* send= */ true, completion)) {
      acceptSend(CompletionStatus.FLUSHED);
    }
    while (ring.sweep(/* send= */ false, completion)) {
      acceptReceive(CompletionStatus.FLUSHED);
    }
  }
}

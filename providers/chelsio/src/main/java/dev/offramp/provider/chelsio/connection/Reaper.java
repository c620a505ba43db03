package dev.offramp.provider.chelsio.connection;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.MessageKind;
import dev.offramp.api.rdma.Operation;
import dev.offramp.provider.chelsio.wire.Cqe;
import dev.offramp.provider.chelsio.wire.T4Err;
import dev.offramp.provider.chelsio.wire.TerminateCode;
import org.jspecify.annotations.Nullable;

/**
 * Takes completions off the completion queue, and checks each: what cannot be ends the connection
 * (iw_cxgb4's cq.c, {@code poll_cq}). Under the connection's lock; allocates nothing but in errors.
 */
final class Reaper {
  private final CompletionRing ring;
  private final SendQueue sends;
  private final ReceiveQueue receives;
  private final Traffic traffic;
  private final int queueId;
  private final boolean readIndicates;
  private final Findings findings;
  private boolean reaping;
  private boolean through;
  private boolean indicated;

  /** Told of what is more than a completion. */
  interface Findings {
    /** A message of the peer's, or a request of this end's, has revoked an STag. */
    void invalidated(int stag);

    /**
     * The chip has found an error and stopped.
     *
     * @param cause layer and type in bits 15:8, code in bits 7:0
     */
    void failed(int cause, String reason);

    /** The chip says what cannot be. */
    void impossible(String seenAndExpected);
  }

  /**
   * A reaper for one connection.
   *
   * @param queueId the number that completions name
   * @param readIndicates whether this end's ready-to-receive indication is a Read
   */
  Reaper(
      CompletionRing ring,
      SendQueue sends,
      ReceiveQueue receives,
      Traffic traffic,
      int queueId,
      boolean readIndicates,
      Findings findings) {
    this.ring = ring;
    this.sends = sends;
    this.receives = receives;
    this.traffic = traffic;
    this.queueId = queueId;
    this.readIndicates = readIndicates;
    this.findings = findings;
  }

  /** Takes all that has come; true when there was something. */
  boolean reap() {
    if (reaping || through) {
      return false;
    }
    reaping = true;
    try {
      return take();
    } finally {
      reaping = false;
    }
  }

  /** False while this end's ready-to-receive indication is a Read without an answer. */
  boolean isIndicationAnswered() {
    return indicated || !readIndicates;
  }

  /** What still comes is of no use any more: the work queues are flushed. */
  void close() {
    through = true;
  }

  private boolean take() {
    boolean any = false;
    for (Cqe cqe = ring.peek(); cqe != null && !through; cqe = ring.peek()) {
      any = true;
      if (ring.isOverwritten()) {
        stop("the completion queue has overflowed: an entry that was read has changed");
        return true;
      }
      take(cqe);
      if (!through) {
        ring.advance();
      }
    }
    return any;
  }

  private void stop(String impossible) {
    through = true;
    findings.impossible(impossible + ", at " + ring.position());
  }

  private void take(Cqe cqe) {
    if (cqe.overflow()) {
      stop("a completion with the overflow bit");
    } else if (cqe.qpid() != queueId) {
      stop("a completion of work queues [%d], expected [%d]".formatted(cqe.qpid(), queueId));
    } else if (cqe.opcode() == Cqe.FW_RI_TERMINATE || cqe.status() == T4Err.SWFLUSH) {
      // The Terminate comes as a message; what was flushed is known when the chip is through.
      return;
    } else if (cqe.status() != T4Err.SUCCESS) {
      failed(cqe);
    } else if (cqe.isSendQueue()) {
      sent(cqe);
    } else {
      received(cqe);
    }
  }

  private void sent(Cqe cqe) {
    int index = cqe.sqIndex();
    if (!sends.isPending(index)) {
      stop("a completion of request [%d], which is not under way".formatted(index));
      return;
    }
    Operation operation = sends.operation(index);
    if (operation != operationOf(cqe.opcode())) {
      stop(
          "a completion with opcode [%d] of request [%d], expected that of [%s]"
              .formatted(cqe.opcode(), index, operation));
      return;
    }
    switch (operation) {
      case SEND -> traffic.sent(MessageKind.SEND, sends.length(index));
      case WRITE -> traffic.sent(MessageKind.WRITE, sends.length(index));
      default -> findings.invalidated(sends.stag(index));
    }
    sends.complete(index, CompletionStatus.SUCCESS);
  }

  private static @Nullable Operation operationOf(int opcode) {
    return switch (opcode) {
      case Cqe.FW_RI_SEND,
          Cqe.FW_RI_SEND_WITH_INV,
          Cqe.FW_RI_SEND_WITH_SE,
          Cqe.FW_RI_SEND_WITH_SE_INV ->
          Operation.SEND;
      case Cqe.FW_RI_RDMA_WRITE -> Operation.WRITE;
      case Cqe.FW_RI_LOCAL_INV -> Operation.LOCAL_INVALIDATE;
      default -> null;
    };
  }

  private void received(Cqe cqe) {
    int opcode = cqe.opcode();
    if (opcode == Cqe.FW_RI_READ_RESP) {
      readDone(cqe);
    } else if (operationOf(opcode) != Operation.SEND) {
      stop("a completion with opcode [%d], which no driver knows".formatted(opcode));
    } else if (!receives.hasPosted()) {
      stop("a completion of a Receive where none is posted");
    } else if (cqe.msn() != receives.nextNumber()) {
      stop("message number [%d], expected [%d]".formatted(cqe.msn(), receives.nextNumber()));
    } else {
      boolean solicited = opcode == Cqe.FW_RI_SEND_WITH_SE || opcode == Cqe.FW_RI_SEND_WITH_SE_INV;
      boolean invalidated = isInvalidating(opcode);
      if (invalidated) {
        findings.invalidated(cqe.stag());
      }
      long length = Integer.toUnsignedLong(cqe.length());
      traffic.received(MessageKind.SEND, length);
      receives.complete(
          CompletionStatus.SUCCESS, length, solicited, invalidated, invalidated ? cqe.stag() : 0);
    }
  }

  private static boolean isInvalidating(int opcode) {
    return opcode == Cqe.FW_RI_SEND_WITH_INV || opcode == Cqe.FW_RI_SEND_WITH_SE_INV;
  }

  /** A Read completes as though it were the receive queue's, and does not say which it was. */
  private void readDone(Cqe cqe) {
    if (readIndicates && cqe.stag() == Cqe.RTR_STAG) {
      indicated = true;
      return;
    }
    int index = sends.oldestRead();
    if (index < 0) {
      stop("a completion of a Read where none is under way");
      return;
    }
    traffic.sent(MessageKind.READ_REQUEST, 0);
    traffic.received(MessageKind.READ_RESPONSE, sends.length(index));
    sends.complete(index, CompletionStatus.SUCCESS);
  }

  /** An error completion, in the completion queue or in a message of its own. */
  void failed(Cqe cqe) {
    int status = cqe.status();
    if (cqe.isSendQueue()) {
      if (sends.isPending(cqe.sqIndex())) {
        sends.complete(
            cqe.sqIndex(),
            isOfRegion(status) ? CompletionStatus.INVALID_REGION : CompletionStatus.DEVICE_ERROR);
      }
    } else if (receives.hasPosted() && operationOf(cqe.opcode()) == Operation.SEND) {
      if (status == T4Err.PDU_LEN_ERR) {
        receives.complete(CompletionStatus.MESSAGE_TOO_LONG, 0, false, false, 0);
      } else if (isOfRegion(status) && !isInvalidating(cqe.opcode())) {
        receives.complete(CompletionStatus.INVALID_REGION, 0, false, false, 0);
      }
    }
    findings.failed(
        TerminateCode.of(status, cqe.opcode(), cqe.isSendQueue()),
        "the chip completed opcode [%d] of the %s queue with status [%#04x]"
            .formatted(cqe.opcode(), cqe.isSendQueue() ? "send" : "receive", status));
  }

  private static boolean isOfRegion(int status) {
    return switch (status) {
      case T4Err.STAG,
          T4Err.PDID,
          T4Err.QPID,
          T4Err.ACCESS,
          T4Err.WRAP,
          T4Err.BOUND,
          T4Err.PBL_ADDR_BOUND ->
          true;
      default -> false;
    };
  }
}

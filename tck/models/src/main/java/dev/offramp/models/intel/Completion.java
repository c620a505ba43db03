package dev.offramp.models.intel;

import dev.offramp.api.rdma.CompletionHandler.CompletionDetail;

/**
 * One entry of a completion queue before its valid bit is known.
 *
 * @param context the QP's completion context; a CQE of the control queue carries that queue's
 * @param sendQueue whether a send queue's work request completed
 * @param qpId whose
 * @param wqeIndex where it began in its ring, quanta
 * @param opcode see {@link WorkFields}
 * @param payloadBytes received, or moved by a Read
 * @param solicited whether the peer asked for an event
 * @param hasInvalidated whether the message invalidated an STag
 * @param invalidatedStag which one
 * @param error whether it failed or was flushed
 * @param major error code: 1 flushed
 * @param minor error code
 */
record Completion(
    long context,
    boolean sendQueue,
    int qpId,
    int wqeIndex,
    int opcode,
    long payloadBytes,
    boolean solicited,
    boolean hasInvalidated,
    int invalidatedStag,
    boolean error,
    int major,
    int minor) {
  static final int FLUSHED = 1;

  /** FLUSH_GENERAL_ERR of irdma: what a flush says unless the host gives another code. */
  static final int FLUSH_GENERAL = 1;

  long[] encode() {
    long[] words = new long[EventFields.CQE_BYTES / Long.BYTES];
    EventFields.PAYLDLEN.set(words, payloadBytes);
    EventFields.COMPCTX.set(words, context);
    EventFields.INVSTAG.set(words, hasInvalidated ? invalidatedStag : 0);
    EventFields.QPID.set(words, qpId);
    EventFields.MINERR.set(words, minor);
    EventFields.MAJERR.set(words, major);
    EventFields.WQEIDX.set(words, wqeIndex);
    EventFields.STAG.set(words, hasInvalidated);
    EventFields.SOEVENT.set(words, solicited);
    EventFields.ERROR.set(words, error);
    EventFields.OP.set(words, opcode);
    EventFields.SQ.set(words, sendQueue);
    return words;
  }

  /** A work request of the send queue is done. */
  static Completion ofSend(long context, int qpId, int wqeIndex, int opcode, long bytes) {
    return new Completion(
        context, true, qpId, wqeIndex, opcode, bytes, false, false, 0, false, 0, 0);
  }

  /** A Receive has its message. */
  static Completion ofReceive(
      long context, int qpId, int wqeIndex, long bytes, CompletionDetail detail) {
    boolean invalidated = detail.hasInvalidatedStag();
    return new Completion(
        context,
        false,
        qpId,
        wqeIndex,
        WorkFields.OP_RECEIVE,
        bytes,
        detail.isSolicited(),
        invalidated,
        invalidated ? detail.invalidatedStag() : 0,
        false,
        0,
        0);
  }

  /** A flush: stands for all work requests of a queue that did not complete. */
  static Completion flush(
      long context, boolean sendQueue, int qpId, int wqeIndex, int opcode, int major, int minor) {
    return new Completion(
        context, sendQueue, qpId, wqeIndex, opcode, 0, false, false, 0, true, major, minor);
  }
}

package dev.offramp.iwarp.rdmap;

import dev.offramp.api.rdma.CompletionStatus;
import dev.offramp.api.rdma.Operation;

/** One entry of the send queue, used again and again. */
final class SendRequest {
  /** How far a request is. */
  enum State {
    QUEUED,
    /** Some of its segments are on their way. */
    SENDING,
    /** All of its segments are; it waits for TCP to take them, or for the peer's response. */
    SENT,
    DONE
  }

  /** Empty while the entry is not in use. */
  final LocalBuffers buffers;

  long id;
  Operation operation = Operation.SEND;
  State state = State.DONE;
  CompletionStatus status = CompletionStatus.SUCCESS;

  /** What the Send family and immediate data carry in RDMAP's control octet. */
  int opcode;

  int msn;

  /** The STag that is revoked, written or read. */
  int remoteStag;

  long remoteOffset;

  /** Payload of the message; of the response for a Read. */
  long length;

  long sent;
  long received;

  /** Octets of the stream up to this message's end. */
  long endPosition;

  /** Where the next segment's payload starts. */
  int piece;

  long pieceOffset;

  /** Operands of an atomic operation; immediate data. */
  long data;

  long mask;
  long compare;
  long compareMask;

  SendRequest(int maxBuffers) {
    buffers = new LocalBuffers(maxBuffers);
  }

  void reset(long id, Operation operation) {
    this.id = id;
    this.operation = operation;
    state = State.QUEUED;
    status = CompletionStatus.SUCCESS;
    opcode = 0;
    remoteStag = 0;
    remoteOffset = 0;
    length = 0;
    sent = 0;
    received = 0;
    piece = 0;
    pieceOffset = 0;
  }

  /** For a message that goes out whole, before this is looked at again. */
  void resetSent(long id, Operation operation, long length) {
    this.id = id;
    this.operation = operation;
    this.length = length;
    sent = 0;
  }

  /** All segments are on their way; nothing has gone wrong so far. */
  void allSent(long position) {
    state = State.SENT;
    status = CompletionStatus.SUCCESS;
    endPosition = position;
  }

  /** Finds the piece where the payload behind {@code offset} continues. */
  void seek(long offset) {
    piece = 0;
    pieceOffset = offset;
    while (piece < buffers.count() - 1 && pieceOffset >= buffers.length(piece)) {
      pieceOffset -= buffers.length(piece);
      piece++;
    }
  }

  void finish(CompletionStatus how) {
    state = State.DONE;
    status = how;
  }

  boolean isAtomic() {
    return operation == Operation.FETCH_ADD || operation == Operation.COMPARE_SWAP;
  }

  /** Whether completion waits for the peer's response. */
  boolean awaitsResponse() {
    return operation == Operation.READ || isAtomic();
  }

  /** The region of a Read's or atomic's only piece. */
  Region sink() {
    return buffers.region(0);
  }

  long sinkOffset() {
    return buffers.offset(0);
  }
}

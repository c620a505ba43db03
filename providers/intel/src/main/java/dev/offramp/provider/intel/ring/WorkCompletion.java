package dev.offramp.provider.intel.ring;

/** What a completion says: filled by {@link CompletionRing#poll}, and reused. For one thread. */
public final class WorkCompletion {
  /** How the work ended. */
  public enum Status {
    SUCCESS,
    /** Not done. */
    FLUSHED,
    /** The device gave a code that the vendor's driver has no name for. */
    UNKNOWN
  }

  Status status = Status.SUCCESS;
  boolean sendQueue;
  long completionContext;
  int qpId;
  int wqeIndex;
  int slot;
  int opcode;
  long id;
  long bytes;
  int tcpSequenceOrRtt;
  int majorError;
  int minorError;
  boolean solicited;
  boolean pushDropped;
  boolean stagInvalidated;
  int invalidatedStag;
  boolean extended;
  boolean immediateValid;
  int immediate;

  /** How the work ended. */
  public Status status() {
    return status;
  }

  /** Whether it was in the send queue; else in the receive queue. */
  public boolean isSend() {
    return sendQueue;
  }

  /** The number that it was posted with. */
  public long id() {
    return id;
  }

  /** Payload bytes moved; for a flushed Send, Write or Read what it would have moved. */
  public long bytes() {
    return bytes;
  }

  /** {@link dev.offramp.provider.intel.layout.SendWqe#OP_RDMA_SEND} and its neighbours. */
  public int opcode() {
    return opcode;
  }

  /** 0 unless there was an error. */
  public int majorError() {
    return majorError;
  }

  /** 0 unless there was an error. */
  public int minorError() {
    return minorError;
  }

  /** For a Receive: whether the peer asked for an event. */
  public boolean isSolicited() {
    return solicited;
  }

  /** For a Receive: whether the message revoked an STag. */
  public boolean isStagInvalidated() {
    return stagInvalidated;
  }

  /** That STag; of no account unless there is one. */
  public int invalidatedStag() {
    return invalidatedStag;
  }

  /** Where the work began: a quantum of the send queue, or a WQE of the receive queue. */
  public int slot() {
    return slot;
  }

  /** The QP that the device names. */
  public int qpId() {
    return qpId;
  }

  /** The quantum that the device names. */
  public int wqeIndex() {
    return wqeIndex;
  }
}

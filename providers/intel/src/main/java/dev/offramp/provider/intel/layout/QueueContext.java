package dev.offramp.provider.intel.layout;

/**
 * The part of a QP context that is about queues: what the vendor's code takes from its QP and from
 * {@code irdma_qp_host_ctx_info}. For one thread.
 */
public final class QueueContext {
  /** Log2 of a receive WQE's quanta, 2 bits. */
  public int rqWqeSizeCode;

  /** Log2 of the RQ's quanta, less 2. */
  public int rqSizeCode;

  /** Log2 of the SQ's quanta, less 2. */
  public int sqSizeCode;

  public long sqAddress;
  public long rqAddress;

  /** The buffer for what the device and the Terminate leave: 256 bytes, aligned likewise. */
  public long q2Address;

  /** Opaque; given back in CQEs and AEQEs. */
  public long completionContext;

  public int sendCqId;
  public int receiveCqId;
  public int queueSetHandle;
  public int exceptionLanQueue;
  public int sqTphValue;
  public int rqTphValue;
  public boolean receiveTph;
  public boolean transmitTph;
  public boolean rqTph;
  public boolean sqTph;

  /** Below 0 when the QP has none. */
  public int pushPage = -1;

  public int statsIndex;
  public boolean statsIndexValid;
  public int remoteEndpointIndex;

  /** X722: the QP's own entry of the MAC table, besides that of the TCP part. */
  public int sourceMacIndex;

  /** The size code of an SQ or RQ: log2 of its quanta, less 2. */
  public static int sizeCode(int quanta) {
    return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(quanta) - 2;
  }
}

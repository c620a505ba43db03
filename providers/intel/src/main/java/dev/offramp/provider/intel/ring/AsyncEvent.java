package dev.offramp.provider.intel.ring;

/** An event of the device: filled by {@link AsyncEventRing#poll}, and reused. For one thread. */
public final class AsyncEvent {
  int code;
  int source;
  int qpOrCqId;
  int wqeIndex;
  int tcpState;
  int iwarpState;
  int q2DataWritten;
  boolean overflow;
  boolean aboutQp;
  boolean aboutCq;
  boolean aboutSendQueue;
  boolean aboutReceiveQueue;
  boolean inboundReadResponseOrWrite;
  boolean outboundReadResponse;
  long context;
  long entryContext;

  /** The AE code: {@link EventCode}. */
  public int code() {
    return code;
  }

  /** What in the device found it, 0..15. */
  public int source() {
    return source;
  }

  /** The QP or CQ, 19 bits. */
  public int qpOrCqId() {
    return qpOrCqId;
  }

  /** Whether it is about a QP. */
  public boolean isAboutQp() {
    return aboutQp;
  }

  /** Whether it is about a CQ. */
  public boolean isAboutCq() {
    return aboutCq;
  }

  /** The completion context of the QP, or the context of the CQ; 0 when it is about neither. */
  public long context() {
    return context;
  }

  /** What stands in the entry as its context, whatever it is about. */
  public long entryContext() {
    return entryContext;
  }

  /** The state of TCP, as in the QP context. */
  public int tcpState() {
    return tcpState;
  }

  /** The state of the QP. */
  public int iwarpState() {
    return iwarpState;
  }

  /** Not 0 when the Q2 buffer holds the packet that it is about. */
  public int q2DataWritten() {
    return q2DataWritten;
  }

  /** Whether events were lost before this one. */
  public boolean isOverflow() {
    return overflow;
  }

  public boolean isAboutSendQueue() {
    return aboutSendQueue;
  }

  public boolean isAboutReceiveQueue() {
    return aboutReceiveQueue;
  }

  /** What the vendor's decoder clears before it reads an entry. */
  void clear() {
    aboutQp = false;
    aboutCq = false;
    aboutSendQueue = false;
    aboutReceiveQueue = false;
    inboundReadResponseOrWrite = false;
    outboundReadResponse = false;
    wqeIndex = 0;
    context = 0;
  }
}

package dev.offramp.tck.rule;

/** What a driver has to declare for a rule to be tried; undeclared, its refusal is asserted. */
public enum Needs {
  NOTHING("nothing"),
  SEND("the operation SEND"),
  RECEIVE("the operation RECEIVE"),
  WRITE("the operation WRITE"),
  READ("the operation READ"),
  LOCAL_INVALIDATE("the operation LOCAL_INVALIDATE"),
  ATOMICS("the operations FETCH_ADD and COMPARE_SWAP"),
  IMMEDIATE("the operation IMMEDIATE"),
  SEND_MARKERS("sendMarkers"),
  RECEIVE_MARKERS("receiveMarkers"),
  CRC_OFF("crcCanBeOff"),
  DEPART("a departure (no declaration; tried)"),
  MID_STREAM("streams in RDMA mode that arrive (no declaration; tried)");

  private final String words;

  Needs(String words) {
    this.words = words;
  }

  /** For people. */
  public String words() {
    return words;
  }
}

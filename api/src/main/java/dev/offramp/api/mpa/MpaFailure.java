package dev.offramp.api.mpa;

import org.apiguardian.api.API;

/** The ways in which MPA start-up can fail, each distinct. */
@API(status = API.Status.EXPERIMENTAL, since = "0.1")
public enum MpaFailure {
  /** The peer's Reply has the R flag. TCP stays open (RFC 5044, 7.1.2, rule 3). */
  REJECTED_BY_PEER(true),
  /** This end's policy rejected the Request. TCP stays open (rule 2). */
  REJECTED_LOCALLY(true),
  /** This end's policy does not want the peer's Reply. TCP stays open (rule 3). */
  UNACCEPTABLE_REPLY(true),
  /**
   * What came is no valid MPA frame, or a Reply of another revision than the Request. TCP has been
   * closed (section 8, code 4).
   */
  MALFORMED_FRAME(false),
  /** Both ends are Initiators. TCP has been closed (rule 8). */
  BOTH_INITIATORS(false),
  /**
   * The Reply is valid and this end cannot live with it: too small an IRD, or no common
   * ready-to-receive indication. A Terminate has been sent and TCP closed (RFC 6581, 9.1, 9.2).
   */
  TERMINATED(false),
  /** The exchange took too long. TCP has been closed (rule 10). */
  TIMEOUT(false),
  /** The peer closed its direction before the exchange was complete. */
  PEER_CLOSED(false),
  /** The peer reset the connection. */
  RESET(false);

  private final boolean tcpUsable;

  MpaFailure(boolean tcpUsable) {
    this.tcpUsable = tcpUsable;
  }

  /** Whether the protocol leaves the TCP connection open after this failure. */
  public boolean isTcpUsable() {
    return tcpUsable;
  }
}
